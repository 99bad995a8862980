/* PyTorch's functions, as methods, in `torch` and in `torch.nn.functional`: arguments in, values out.
   The same as generator/exercises/meaning/functions.py. */
"use strict";
(() => {
  const { Real, Unclear, tensors: t } = Exercise;
  const { Tensor, isWhole } = t;
  const DEFAULTS = { None: null, True: true, False: false };

  function defaultOf(text) {
    if (Object.hasOwn(DEFAULTS, text)) return DEFAULTS[text];
    if (/^[A-Za-z]/.test(text)) return text;
    return /[.e]/.test(text) ? new Real(Number(text)) : Number(text);
  }

  /** The arguments of a call by name; Python's docstring tells how a signature is written. */
  function bound(signature, places, keywords, allow = "") {
    let rest = places.slice(), byNameOnly = false;
    const found = new Map();
    for (const one of signature.split(" ").filter(Boolean)) {
      if (one === "|") {
        byNameOnly = true;
        continue;
      }
      const isRest = one[0] === "*", [name, fallback] = one.slice(isRest ? 1 : 0).split(":");
      if (isRest && rest.length) {
        found.set(name, rest.length === 1 && Array.isArray(rest[0]) ? rest[0] : rest);
        rest = [];
      } else if (rest.length && !byNameOnly) {
        found.set(name, rest.shift());
      } else if (keywords.has(name)) {
        found.set(name, keywords.get(name));
        continue;
      } else if (fallback === undefined) {
        throw new Unclear();
      } else {
        found.set(name, defaultOf(fallback));
      }
      if (keywords.has(name)) throw new Unclear();
    }
    const allowed = allow.split(" ");
    const others = [...keywords.keys()].filter((name) => !found.has(name) && !allowed.includes(name));
    if (rest.length || others.length) throw new Unclear();
    return Object.fromEntries(found);
  }

  const isNumber = (value) => isWhole(value) || value instanceof Real;
  const plain = (value) => (value instanceof Real ? value.value : value);

  function asTensor(value) {
    if (value instanceof Tensor) return value;
    if (isNumber(value)) return t.filled([], plain(value));
    throw new Unclear();
  }

  const ofEach = (run) => ({ input }) => {
    if (!(input instanceof Tensor)) throw new Unclear();
    return new Tensor(input.shape, input.values.map((value) => run(value)), input.isAny);
  };

  const ofTwo = (run) => (given) => {
    const one = asTensor(given.input);
    const times = asTensor(given.alpha ?? 1);
    const other = t.combined(asTensor(given.other), times, (a, b) => a * b);
    return t.combined(one, other, run);
  };

  function clamped({ input, min, max }) {
    let one = input;
    if (min !== null) one = t.combined(asTensor(one), asTensor(min), Math.max);
    if (max !== null) one = t.combined(asTensor(one), asTensor(max), Math.min);
    return asTensor(one);
  }

  function softmax({ input, dim }) {
    const { shape } = input, axis = t.axisOf(dim, shape.length);
    const powers = input.values.map((value) => Math.exp(value));
    const step = t.product(shape.slice(axis + 1)), span = step * shape[axis];
    const values = powers.map((value, i) => {
      const start = Math.floor(i / span) * span + (i % step);
      let sum = 0;
      for (let n = 0; n < shape[axis]; n++) sum += powers[start + n * step];
      return value / sum;
    });
    return new Tensor(shape, values, input.isAny);
  }

  const size = ({ input: { shape }, dim }) => (dim === null ? shape : shape[t.axisOf(dim, shape.length)]);

  function moved({ input, source, destination }) {
    const count = input.shape.length;
    const start = t.axisOf(source, count), end = t.axisOf(destination, count);
    const order = input.shape.map((_, axis) => axis).filter((axis) => axis !== start);
    order.splice(end, 0, start);
    return t.permuted(input, order);
  }

  function unflattened({ input, dim, sizes }) {
    const axis = t.axisOf(dim, input.shape.length);
    if (!Array.isArray(sizes)) throw new Unclear();
    const part = t.reshaped(t.filled([input.shape[axis]]), sizes).shape;
    return t.reshaped(input, [...input.shape.slice(0, axis), ...part, ...input.shape.slice(axis + 1)]);
  }

  const wholeAxes = (count) => Array(count).fill(new t.Slice(null, null, null));

  function narrowed({ input, dim, start, length }) {
    const at = t.axisOf(dim, input.shape.length);
    if (!isWhole(start) || !isWhole(length) || start < 0) throw new Unclear();
    if (start > input.shape[at] - length || length < 0) throw new Unclear();
    return t.indexed(input, [...wholeAxes(at), new t.Slice(start, start + length, null)]);
  }

  function selected({ input, dim, index }) {
    const at = t.axisOf(dim, input.shape.length);
    return t.indexed(input, [...wholeAxes(at), index]);
  }

  function transposedMatrix(one) {
    if (!(one instanceof Tensor) || one.shape.length !== 2) throw new Unclear();
    return t.permuted(one, [1, 0]);
  }

  const logistic = (value) => 1 / (1 + Math.exp(-value));
  const add = ofTwo((a, b) => a + b), subtract = ofTwo((a, b) => a - b);
  const multiply = ofTwo((a, b) => a * b), divide = ofTwo((a, b) => a / b);
  const copied = ({ input }) => t.reshaped(input, input.shape);
  const flat = (g) => t.flattened(g.input, g.start_dim, g.end_dim);
  const concatenated = (g) => t.joined(g.tensors, g.dim);

  // By name: where it is (m: method, t: torch, f: functional, i: also in place), arguments, function.
  const FUNCTIONS = new Map(Object.entries({
    abs: ["mti", "input", ofEach(Math.abs)],
    add: ["mti", "input other | alpha:1", add],
    broadcast_to: ["mt", "input *size", (g) => t.expanded(g.input, g.size)],
    cat: ["t", "tensors dim:0", concatenated],
    clamp: ["mti", "input min:None max:None", clamped],
    clip: ["mti", "input min:None max:None", clamped],
    clone: ["mt", "input", copied],
    concat: ["t", "tensors dim:0", concatenated],
    contiguous: ["m", "input", copied],
    cos: ["mti", "input", ofEach(Math.cos)],
    dim: ["m", "input", (g) => g.input.shape.length],
    div: ["mti", "input other", divide],
    divide: ["mti", "input other", divide],
    exp: ["mti", "input", ofEach(Math.exp)],
    expand: ["m", "input *size", (g) => t.expanded(g.input, g.size)],
    expand_as: ["m", "input other", (g) => t.expanded(g.input, g.other.shape)],
    expit: ["s", "input", ofEach(logistic)],
    flatten: ["mt", "input start_dim:0 end_dim:-1", flat],
    float: ["m", "input", (g) => g.input],
    index_select: ["mt", "input dim index", (g) => t.taken(g.input, g.dim, g.index)],
    log: ["mti", "input", ofEach(Math.log)],
    logsigmoid: ["f", "input", ofEach((value) => Math.log(logistic(value)))],
    moveaxis: ["mt", "input source destination", moved],
    movedim: ["mt", "input source destination", moved],
    mul: ["mti", "input other", multiply],
    multiply: ["mti", "input other", multiply],
    narrow: ["mt", "input dim start length", narrowed],
    neg: ["mti", "input", ofEach((value) => -value)],
    numel: ["mt", "input", (g) => g.input.values.length],
    permute: ["m", "input *dims", (g) => t.permuted(g.input, g.dims)],
    pow: ["mt", "input other", ofTwo((a, b) => a ** b)],
    reciprocal: ["mti", "input", ofEach((value) => 1 / value)],
    relu: ["mtfi", "input", ofEach((value) => Math.max(value, 0))],
    repeat: ["m", "input *repeats", (g) => t.repeated(g.input, g.repeats)],
    reshape: ["m", "input *shape", (g) => t.reshaped(g.input, g.shape)],
    reshape_as: ["m", "input other", (g) => t.reshaped(g.input, g.other.shape)],
    select: ["mt", "input dim index", selected],
    sigmoid: ["mtfi", "input", ofEach(logistic)],
    sin: ["mti", "input", ofEach(Math.sin)],
    size: ["m", "input dim:None", size],
    softmax: ["mtf", "input dim", softmax],
    sqrt: ["mti", "input", ofEach(Math.sqrt)],
    square: ["mti", "input", ofEach((value) => value * value)],
    squeeze: ["mt", "input dim:None", (g) => t.squeezed(g.input, g.dim)],
    stack: ["t", "tensors dim:0", (g) => t.stacked(g.tensors, g.dim)],
    sub: ["mti", "input other | alpha:1", subtract],
    subtract: ["mti", "input other | alpha:1", subtract],
    swapaxes: ["mt", "input axis0 axis1", (g) => t.transposed(g.input, g.axis0, g.axis1)],
    swapdims: ["mt", "input dim0 dim1", (g) => t.transposed(g.input, g.dim0, g.dim1)],
    t: ["mt", "input", (g) => transposedMatrix(g.input)],
    tanh: ["mtfi", "input", ofEach(Math.tanh)],
    transpose: ["mt", "input dim0 dim1", (g) => t.transposed(g.input, g.dim0, g.dim1)],
    true_divide: ["mti", "input other", divide],
    unflatten: ["mt", "input dim sizes", unflattened],
    unsqueeze: ["mt", "input dim", (g) => t.unsqueezed(g.input, g.dim)],
    view: ["m", "input *size", (g) => t.viewed(g.input, g.size)],
    view_as: ["m", "input other", (g) => t.viewed(g.input, g.other.shape)],
  }));
  // As functions of `torch` they take their sizes as one tuple.
  const TUPLES = new Map([["permute", "input dims"], ["reshape", "input shape"]]);
  const OF_NUMBERS = new Set(
    "add div divide mul multiply pow sub subtract true_divide".split(" ").flatMap((n) => [n, `${n}_`]),
  );
  const OPTIONS = "dtype device requires_grad generator layout pin_memory";

  /** What a function makes of its arguments; `place` is one of the letters of the table. */
  function called(place, name, places, keywords) {
    let entry = FUNCTIONS.get(name) ?? ["", "", null];
    const inPlace = FUNCTIONS.get(name.slice(0, -1));
    if (place === "t" && TUPLES.has(name)) {
      entry = ["t", TUPLES.get(name), entry[2]];
    } else if (place === "m" && name.endsWith("_") && inPlace?.[0].includes("i")) {
      entry = inPlace;
    }
    const [placesOf, signature, run] = entry;
    if (place === "" || !placesOf.includes(place)) throw new Unclear();
    const given = bound(signature, places, keywords);
    for (const key of ["input", "other"]) {
      const mayBeNumber = OF_NUMBERS.has(name) && (key === "other" || place === "t");
      if (Object.hasOwn(given, key) && !mayBeNumber && !(given[key] instanceof Tensor)) {
        throw new Unclear();
      }
    }
    for (const key of ["size", "shape", "sizes", "dims", "repeats"]) {
      if (Object.hasOwn(given, key) && !Array.isArray(given[key])) given[key] = [given[key]];
    }
    if (name === "index_select" && !Array.isArray(given.index)) throw new Unclear();
    const result = run(given);
    if (name.endsWith("_") && `${result.shape}` !== `${given.input.shape}`) throw new Unclear();
    return result;
  }

  const RANDOM = ["rand", "randn", "empty", "Tensor", "FloatTensor"];
  const LIKE = ["zeros_like", "ones_like", "rand_like", "randn_like", "empty_like"];
  const MADE = new Set([...RANDOM, "zeros", "ones", "full", "normal", "arange", ...LIKE]);

  function arange(places, keywords) {
    const given = bound("start end:None step:1", places, keywords);
    const [start, end] = given.end === null ? [0, given.start] : [given.start, given.end];
    if (![start, end, given.step].every(isWhole) || Math.abs(end) > 1000 || given.step < 1) {
      throw new Unclear();
    }
    if (Math.abs(start) > 1000) throw new Unclear();
    const found = [];
    for (let i = start; i < end; i += given.step) found.push(i);
    return found;
  }

  /** A tensor that `torch` makes of sizes, or the integers of `arange`. */
  function made(name, places, keywords) {
    const dtype = keywords.get("dtype") ?? null;
    if (dtype !== null && dtype !== "float32") throw new Unclear();
    const isRandom = RANDOM.includes(name);
    if (isRandom || name === "zeros" || name === "ones") {
      const { size } = bound("*size", places, keywords, OPTIONS);
      if (name.endsWith("Tensor") && (keywords.size || Array.isArray(places[0]))) throw new Unclear();
      return t.filled(Array.isArray(size) ? size : [size], Number(name === "ones"), isRandom);
    }
    if (name === "full") {
      const { size, fill_value: value } = bound("size fill_value", places, keywords, OPTIONS);
      if (!Array.isArray(size) || !isNumber(value)) throw new Unclear();
      return t.filled(size, plain(value));
    }
    if (name === "normal") {
      const { size } = bound("mean std *size", places, keywords, OPTIONS);
      if (!Array.isArray(size)) throw new Unclear();
      return t.filled(size, 0, true);
    }
    if (name === "arange") return arange(places, keywords);
    const { input } = bound("input", places, keywords, OPTIONS);
    if (!(input instanceof Tensor)) throw new Unclear();
    return made(name.slice(0, -5), [input.shape], new Map());
  }

  function halfToEven(value) {
    const below = Math.floor(value), rest = value - below;
    if (rest !== 0.5) return Math.round(value);
    return below % 2 ? below + 1 : below;
  }

  const ROUNDED = {
    int: Math.trunc, trunc: Math.trunc, floor: Math.floor, ceil: Math.ceil, round: halfToEven,
    float: (value) => new Real(value),
  };

  /** Python's own functions of numbers and tuples. */
  function ofIntegers(name, places, keywords) {
    if (keywords.size || places.length < 1 || places.length > 3) throw new Unclear();
    const [first] = places, isOne = places.length === 1;
    if (Object.hasOwn(ROUNDED, name) && isNumber(first) && isOne && Number.isFinite(plain(first))) {
      return ROUNDED[name](plain(first));
    }
    if (name === "len" && Array.isArray(first) && isOne) return first.length;
    if (name === "len" && first instanceof Tensor && first.shape.length && isOne) return first.shape[0];
    if ((name === "tuple" || name === "list") && Array.isArray(first) && isOne) return first;
    if (name === "range") return arange(places, new Map());
    if (name === "slice") {
      const ends = isOne ? [null, first] : places;
      return new t.Slice(ends[0], ends[1], ends[2] ?? null);
    }
    throw new Unclear();
  }

  Exercise.functions = {
    MADE, asTensor, bound, called, isNumber, made, ofIntegers, plain, transposedMatrix,
  };
})();
