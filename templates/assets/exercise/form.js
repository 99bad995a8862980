/* An answer as typed -> the text in which answers are compared. The same as
   generator/exercises/meaning/form.py: what the line comes to with the answer in it, else what the
   answer comes to by itself, else its spelling. */
"use strict";
(() => {
  const { Evaluator, Known, Parts, Path, Real, Unclear, layers, tensors: t } = Exercise;
  const { normalForm, statementsOf, tokensOf } = Exercise;
  const { Tensor } = t;

  function returning(value, ...expected) {
    return new Known((places) => {
      if (written(places) !== written(expected)) throw new Unclear();
      return value;
    });
  }

  /** A layer that makes `count` numbers of each token. */
  function mapping(count, seed) {
    return new Known((places) => {
      const [one] = places;
      if (places.length !== 1 || !(one instanceof Tensor) || !one.shape.length) throw new Unclear();
      const width = one.shape.at(-1), weights = t.probe([width, count], seed).values;
      const shape = [...one.shape.slice(0, -1), count];
      const values = Float64Array.from({ length: t.product(shape) }, (_, n) => {
        const start = Math.floor(n / count) * width;
        let sum = 0;
        for (let i = 0; i < width; i++) sum += one.values[start + i] * weights[i * count + (n % count)];
        return sum;
      });
      return new Tensor(shape, values, one.isAny);
    });
  }

  /** An evaluator that knows the names of a scope. */
  function scopeOf(scope) {
    let seed = 0;
    const helpers = new Map(Object.entries({
      parts: (...names) => new Parts("", new Map(names.map((name) => [name, name]))),
      probe: (...sizes) => t.probe(sizes, ++seed),
      returns: returning,
      mapping: (count) => mapping(count, ++seed),
    }));
    const evaluator = new Evaluator(new Map([["self", new Parts("self")]]), helpers);
    evaluator.run(statementsOf(tokensOf(scope)));
    evaluator.helpers = new Map();
    return evaluator;
  }

  /** A number to seven digits, written alike in Python and here. */
  function number(value) {
    if (!Number.isFinite(value)) throw new Unclear();
    if (value === 0) return "0";
    const [digits, power] = value.toExponential(6).split("e");
    return `${digits}e${Number(power)}`;
  }

  const isNothing = (value) => value === null || (value instanceof layers.Layer && value.isEmpty);
  const sorted = (entries) => entries.sort(([one], [other]) => (one < other ? -1 : 1));
  const named = (entries) => sorted(entries).map(([name, one]) => `${name}:${written(one)}`).join(" ");

  function written(value) {
    if (value instanceof Tensor) {
      const numbers = value.isAny ? "any" : Array.from(value.values, number).join(" ");
      return `tensor${written(value.shape)}[${numbers}]`;
    }
    if (Array.isArray(value)) return `(${value.map(written).join(" ")})`;
    if (value instanceof Real) return `~${number(value.value)}`;
    if (value instanceof layers.Layer) return `${value.name}(${named(Object.entries(value.settings))})`;
    if (value instanceof Parts) {
      return `parts(${named([...value.parts].filter(([, one]) => !isNothing(one)))})`;
    }
    if (value === null) return "None";
    if (typeof value === "boolean") return value ? "True" : "False";
    if (typeof value === "number") return String(value);
    if (typeof value === "string") return `'${value}'`;
    if (value instanceof Path) return `path ${value.name}`;
    throw new Unclear();
  }

  function textOf(tokens, check) {
    const statements = statementsOf(tokens), evaluator = scopeOf(check.scope);
    if (check.isBlock) {
      const object = evaluator.names.get("self"), before = written(object);
      evaluator.run(statements);
      const after = written(evaluator.names.get("self"));
      if (after === before) throw new Unclear(); // what does nothing is told apart by its spelling
      return after;
    }
    if (statements.length !== 1 || statements[0][0] !== "value") throw new Unclear();
    return written(evaluator.value(statements[0][1]));
  }

  function bracketsMatch(form) {
    let depth = 0;
    for (const sign of form) {
      depth += "([{".includes(sign) - ")]}".includes(sign);
      if (depth < 0) return false;
    }
    return depth === 0;
  }

  // The answer alone, where the code around the blank was typed along with it.
  function withoutFrame(form, frames) {
    for (const [before, after] of frames) {
      const inner = form.slice(before.length, Math.max(form.length - after.length, 0));
      if (inner && form === before + inner + after && bracketsMatch(inner)) return inner;
    }
    return form;
  }

  function withoutFrameTokens(tokens, frames) {
    for (const [before, after] of frames.map((frame) => frame.map(tokensOf))) {
      const end = tokens.length - after.length, inner = tokens.slice(before.length, Math.max(end, 0));
      const matches =
        before.every((token, i) => token === tokens[i]) && after.every((token, i) => token === tokens[end + i]);
      if (inner.length && matches && bracketsMatch(inner)) return inner;
    }
    return tokens;
  }

  /** {kind: "line" | "answer" | "spelling", text, spelling, missing} */
  function formOf(check, typed) {
    const spelling = withoutFrame(normalForm(typed), check.frames);
    let missing = "";
    try {
      if (check.scope) {
        const tokens = withoutFrameTokens(tokensOf(typed), check.frames);
        const [before, after] = check.around.map(tokensOf);
        try {
          return { kind: "line", text: textOf([...before, ...tokens, ...after], check), spelling, missing };
        } catch (stop) {
          if (!(stop instanceof Unclear)) throw stop;
          missing = stop.missing;
        }
        if (before.length || after.length) {
          return { kind: "answer", text: textOf(tokens, check), spelling, missing };
        }
      }
    } catch (stop) {
      if (!(stop instanceof Unclear || stop instanceof RangeError)) throw stop;
    }
    return { kind: "spelling", text: spelling, spelling, missing };
  }

  Object.assign(Exercise, { formOf, withoutFrame });
})();
