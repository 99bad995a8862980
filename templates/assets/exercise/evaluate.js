/* Statements -> what they come to: values by name in, a value or changed names out. The same as
   generator/exercises/meaning/evaluate.py. Nothing that was typed is run by the browser. */
"use strict";
(() => {
  const { Real, Unclear, functions, layers, tensors: t } = Exercise;
  const { Tensor, Slice, isWhole } = t;
  const { isNumber, plain } = functions;
  const MODULES = {
    torch: "torch", nn: "torch.nn", F: "torch.nn.functional", np: "numpy", numpy: "numpy", math: "math",
  };
  const BUILT_IN = ["int", "float", "round", "len", "range", "slice", "tuple", "list"];
  const PARTS_OF = ["delattr", "setattr", "getattr"];
  const CONSTANTS = { None: null, True: true, False: false };
  const SIGNS = { "+": "add", "-": "sub", "*": "mul", "/": "div", "**": "pow" };
  const SPACES = { torch: "t", "torch.nn.functional": "f", "torch.special": "s" };
  const CHANGES = ["__delattr__", "__setattr__", "register_module", "add_module"];
  const FILLING =
    ("xavier_uniform_ xavier_normal_ kaiming_uniform_ kaiming_normal_ normal_ uniform_ zeros_ " +
     "ones_ trunc_normal_ orthogonal_").split(" ");
  const MOST = 2 ** 50;

  /** A dotted name in a library, such as `torch.nn`. */
  class Path {
    constructor(name) { this.name = name; }
  }

  /** An object with attributes that can be taken away, such as `self`. */
  class Parts {
    constructor(name, parts = new Map()) { Object.assign(this, { name, parts }); }

    taken(name) {
      if (!this.parts.has(name)) throw new Unclear(typeof name === "string" ? `${this.name}.${name}` : "");
      return this.parts.get(name);
    }
  }

  /** A function of the object, of which only what it returns is known. */
  class Known {
    constructor(run) { this.run = run; }
  }

  class Method {
    constructor(owner, name) { Object.assign(this, { owner, name }); }
  }

  const isModules = (value) => value instanceof Method && value.name === "_modules";
  const lastOf = (path) => path.split(".").at(-1);

  class Evaluator {
    constructor(names, helpers) { Object.assign(this, { names, helpers }); }

    run(statements) {
      for (const [kind, ...rest] of statements) {
        if (kind === "del") rest[0].forEach((target) => this.delete(target));
        else if (kind === "set") this.set(rest[0], this.value(rest[1]));
        else this.value(rest[0]);
      }
    }

    value([kind, ...rest]) {
      switch (kind) {
        case "number": case "text": return rest[0];
        case "ellipsis": return t.ELLIPSIS;
        case "tuple": return this.all(rest[0]);
        case "name": return this.named(rest[0]);
        case "part": return this.part(this.value(rest[0]), rest[1]);
        case "call": {
          const keywords = new Map();
          for (const [name, node] of rest[2]) keywords.set(name, this.value(node));
          return this.call(this.value(rest[0]), this.all(rest[1]), keywords);
        }
        case "index": return this.index(this.value(rest[0]), rest[1].map((one) => this.value(one)));
        case "slice": return new Slice(...rest.map((part) => part && this.value(part)));
        case "sign": return signed(rest[0], this.value(rest[1]));
        case "operation": return operation(rest[0], this.value(rest[1]), this.value(rest[2]));
        default: throw new Unclear();
      }
    }

    all(nodes) {
      return nodes.flatMap((node) => {
        const value = this.value(node[0] === "star" ? node[1] : node);
        if (node[0] !== "star") return [value];
        if (!Array.isArray(value)) throw new Unclear();
        return value;
      });
    }

    named(typed) {
      if (Object.hasOwn(CONSTANTS, typed)) return CONSTANTS[typed];
      const name = typed === "Self" ? "self" : typed; // as telephones write it
      if (this.names.has(name)) return this.names.get(name);
      if (Object.hasOwn(MODULES, name)) return new Path(MODULES[name]);
      if (this.helpers.has(name) || BUILT_IN.includes(name) || PARTS_OF.includes(name)) {
        return new Path(name);
      }
      throw new Unclear(name);
    }

    part(owner, name) {
      if (owner instanceof Path) {
        const path = `${owner.name}.${name}`;
        return path === "numpy.newaxis" ? null : new Path(path);
      }
      if (owner instanceof Parts) {
        return name === "_modules" || CHANGES.includes(name) ? new Method(owner, name) : owner.taken(name);
      }
      if (owner instanceof Tensor) {
        if (name === "shape") return owner.shape;
        if (name === "ndim") return owner.shape.length;
        return name === "T" ? functions.transposedMatrix(owner) : new Method(owner, name);
      }
      const isLayer = owner instanceof layers.Layer;
      if (isLayer && name === "weight") return layers.weightOf(owner);
      if ((isLayer || owner instanceof Known) && ["forward", "__call__"].includes(name)) return owner;
      if (isModules(owner) && name === "pop") return new Method(owner.owner, "pop");
      throw new Unclear();
    }

    call(run, places, keywords) {
      if (run instanceof Path) return this.callPath(run.name, places, keywords);
      if (run instanceof Method && run.owner instanceof Parts) {
        if (keywords.size) throw new Unclear();
        return change(run.name, run.owner, places);
      }
      if (run instanceof Method) return ofTensor(run.owner, run.name, places, keywords);
      if (run instanceof Known && !keywords.size) return run.run(places);
      if (run instanceof layers.Layer && places.length === 1 && !keywords.size) {
        return this.apply(run, places[0]);
      }
      throw new Unclear();
    }

    apply(layer, value) {
      if (layer.name !== "Sequential") return layers.applied(layer, value);
      return (layer.settings.layers ?? []).reduce((one, next) => this.call(next, [one], new Map()), value);
    }

    callPath(path, places, given) {
      if (this.helpers.has(path)) return this.helpers.get(path)(...places);
      if (PARTS_OF.includes(path)) {
        if (given.size || !(places[0] instanceof Parts)) throw new Unclear();
        return change(`__${path}__`, places[0], places.slice(1));
      }
      if (BUILT_IN.includes(path)) return functions.ofIntegers(path, places, given);
      const name = lastOf(path), home = path.slice(0, Math.max(path.length - name.length - 1, 0));
      const keywords = new Map([...given].map(([key, value]) => [key, keywordOf(value)]));
      if (home === "math" && ["floor", "ceil", "trunc"].includes(name)) {
        return functions.ofIntegers(name, places, keywords);
      }
      if (home === "torch.nn.init" && FILLING.includes(name)) {
        if (!(places[0] instanceof Tensor)) throw new Unclear();
        return t.filled(places[0].shape, 0, true);
      }
      if (home === "torch.nn" && name === "Parameter") {
        const { data, requires_grad: isLearned } = functions.bound("data requires_grad:True", places, keywords);
        if (!(data instanceof Tensor) || isLearned !== true) throw new Unclear();
        return t.filled(data.shape, 0, true);
      }
      if (home === "torch.nn") return layers.layerOf(name, places, keywords);
      if (home === "torch" && functions.MADE.has(name)) return functions.made(name, places, keywords);
      return functions.called(Object.hasOwn(SPACES, home) ? SPACES[home] : "", name, places, keywords);
    }

    index(owner, indices) {
      if (owner instanceof Tensor) return indexed(owner, indices);
      if (Array.isArray(owner) && indices.length === 1) {
        if (!(indices[0] instanceof Slice)) return owner[t.axisOf(indices[0], owner.length)];
        return t.placesOf(indices[0], owner.length).map((place) => owner[place]);
      }
      if (isModules(owner) && indices.length === 1) return owner.owner.taken(indices[0]);
      throw new Unclear();
    }

    delete([kind, owner, last]) {
      if (kind === "tuple") {
        owner.forEach((one) => this.delete(one));
      } else if (kind === "part") {
        change("__delattr__", this.value(owner), [last]);
      } else if (kind === "index" && last.length === 1) {
        const modules = this.value(owner);
        if (!isModules(modules)) throw new Unclear();
        change("__delattr__", modules.owner, [this.value(last[0])]);
      } else {
        throw new Unclear(kind === "name" && !this.names.has(owner) ? owner : "");
      }
    }

    set([kind, owner, last], value) {
      if (kind === "name") {
        this.names.set(owner, value);
      } else if (kind === "part") {
        change("__setattr__", this.value(owner), [last, value]);
      } else if (kind === "tuple" && Array.isArray(value) && owner.length === value.length) {
        owner.forEach((one, i) => this.set(one, value[i]));
      } else {
        throw new Unclear();
      }
    }
  }

  function ofTensor(owner, name, places, keywords) {
    if (["normal_", "uniform_", "zero_", "fill_"].includes(name) && owner.isAny) return owner;
    return functions.called("m", name, [owner, ...places], keywords);
  }

  /** Takes an attribute of an object, away or anew. */
  function change(name, owner, places) {
    if (!(owner instanceof Parts) || typeof places[0] !== "string") throw new Unclear();
    if (["__delattr__", "pop"].includes(name) && places.length === 1) {
      const value = owner.taken(places[0]);
      owner.parts.delete(places[0]);
      return value;
    }
    if (name === "__getattr__" && places.length === 1) return owner.taken(places[0]);
    if (["__setattr__", "register_module", "add_module"].includes(name) && places.length === 2) {
      if (places[1] instanceof Parts) places[1].name = `${owner.name}.${places[0]}`;
      owner.parts.set(places[0], places[1]);
      return null;
    }
    throw new Unclear();
  }

  /** A keyword's value; of PyTorch's own names only the last part counts. */
  function keywordOf(value) {
    if (!(value instanceof Path)) return value;
    return lastOf(value.name) === "float" ? "float32" : lastOf(value.name);
  }

  function signed(sign, value) {
    if (value instanceof Tensor) {
      return sign === "-" ? functions.called("m", "neg", [value], new Map()) : value;
    }
    if (!isNumber(value)) throw new Unclear();
    if (sign === "+") return value;
    return isWhole(value) ? -value : new Real(-value.value);
  }

  function operation(sign, one, other) {
    if (one instanceof Tensor || other instanceof Tensor) {
      if (!Object.hasOwn(SIGNS, sign)) throw new Unclear();
      const numbers = [functions.asTensor(one), functions.asTensor(other)];
      return functions.called("t", SIGNS[sign], numbers, new Map());
    }
    if (Array.isArray(one) && Array.isArray(other) && sign === "+") return [...one, ...other];
    return arithmetic(sign, one, other);
  }

  const ARITHMETIC = {
    "+": (a, b) => a + b,
    "-": (a, b) => a - b,
    "*": (a, b) => a * b,
    "/": (a, b) => a / b,
    "//": (a, b) => Math.floor(a / b),
    "%": (a, b) => a - b * Math.floor(a / b),
    "**": (a, b) => a ** b,
    ">>": (a, b) => Math.floor(a / 2 ** b),
    "<<": (a, b) => a * 2 ** b,
  };

  function arithmetic(sign, one, other) {
    if (!isNumber(one) || !isNumber(other) || !Object.hasOwn(ARITHMETIC, sign)) throw new Unclear();
    const a = plain(one), b = plain(other), areWhole = isWhole(one) && isWhole(other);
    if (["/", "//", "%"].includes(sign) && b === 0) throw new Unclear();
    if ([">>", "<<", "**"].includes(sign) && !(areWhole && b >= 0 && b <= 40)) throw new Unclear();
    const result = ARITHMETIC[sign](a, b);
    if (!Number.isFinite(result) || Math.abs(result) > MOST) throw new Unclear();
    return areWhole && sign !== "/" ? result : new Real(result);
  }

  /** A tensor's part; at most one index may be several places. */
  function indexed(owner, indices) {
    if (indices.filter(Array.isArray).length > 1) throw new Unclear();
    const isPlace = (index) =>
      index === null || index === t.ELLIPSIS || isWhole(index) || index instanceof Slice || Array.isArray(index);
    if (!indices.every(isPlace)) throw new Unclear();
    return t.indexed(owner, indices);
  }

  Object.assign(Exercise, { Evaluator, Known, Parts, Path });
})();
