/* A piece of Python as typed -> its spelling for comparison, its tokens, and from these its tree.
   The same as generator/exercises/normal_form.py and generator/exercises/meaning/code.py; the tests
   compare the two. A node is an array: its kind, then what belongs to it. */
"use strict";
(() => {
  const Exercise = (globalThis.Exercise = globalThis.Exercise || {});

  // JavaScript and Python disagree on what `\s` is, so it is spelt out.
  const SPACE = // eslint-disable-next-line no-control-regex
    /[\t\n\v\f\r \x1c-\x1f\x85\xa0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]/g;
  const MARKS = /[\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f"]/g;
  const CONTINUED = /\\\r?\n/g;

  /** The code cannot be worked out here, or stops; a name that is missing is told. */
  class Unclear extends Error {
    constructor(missing = "") {
      super(missing);
      this.missing = missing;
    }
  }

  /** Python's float; its integers are plain numbers. */
  class Real {
    constructor(value) { this.value = value; }
  }

  function withoutComments(code) {
    let kept = "", mark = "", escaped = false, comment = false;
    for (const sign of code) {
      if (sign === "\r" || sign === "\n") {
        mark = "", escaped = false, comment = false;
      } else if (comment) {
        continue;
      } else if (mark) {
        if (sign === mark && !escaped) mark = "";
        escaped = sign === "\\" && !escaped;
      } else if (sign === "#") {
        comment = true;
        continue;
      } else if (sign === "'" || sign === '"') {
        mark = sign;
      }
      kept += sign;
    }
    return kept;
  }

  function normalForm(code) {
    return withoutComments(code.replace(CONTINUED, ""))
      .replace(SPACE, "")
      .replace(MARKS, "'")
      .replace(/,(?=[)\]}])/g, "");
  }

  function plainCode(code) {
    return withoutComments(code.replace(CONTINUED, ""))
      .replace(MARKS, "'")
      .replace(SPACE, (space) => ("\r\n".includes(space) ? "\n" : " "));
  }

  const NUMBER = "(?:[0-9][0-9_]*\\.?[0-9_]*|\\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?";
  const NAME = "[A-Za-z_][A-Za-z0-9_]*";
  const SIGN = "\\*\\*|//|>>|<<|\\.\\.\\.|\\n|[-+*/%@()\\[\\]{},:.=;]";
  const TOKEN = new RegExp(`${NUMBER}|${NAME}|'[^'\\n]*'|${SIGN}|[ \\t]+`, "y");
  const RANKS = [[">>", "<<"], ["+", "-"], ["*", "/", "//", "%", "@"]];
  const CLOSED_BY = { "(": ")", "[": "]", "{": "}" };
  const NO_NAMES =
    "if else for in lambda not and or is await del return pass".split(" ");
  const MOST_TOKENS = 300, MOST_DEPTH = 20, MOST_DIGITS = 15;

  /** The tokens; line ends count outside of brackets only, and `;` is one. */
  function tokensOf(typed) {
    const code = plainCode(typed), found = [];
    let depth = 0;
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < code.length) {
      const match = TOKEN.exec(code);
      if (!match) throw new Unclear();
      const token = match[0];
      if (/^[ \t]/.test(token)) continue;
      depth += "([{".includes(token) - ")]}".includes(token);
      if (depth > MOST_DEPTH || found.length > MOST_TOKENS) throw new Unclear();
      if (token === "\n" || token === ";") {
        if (depth && token === ";") throw new Unclear();
        if (depth === 0 && found.length && found.at(-1) !== ";") found.push(";");
        continue;
      }
      found.push(token);
    }
    return found.at(-1) === ";" ? found.slice(0, -1) : found;
  }

  function numberOf(token) {
    const digits = token.replaceAll("_", "");
    if (/^0[0-9]+$/.test(digits) || digits.length > MOST_DIGITS) throw new Unclear();
    return /[.eE]/.test(digits) ? new Real(Number(digits)) : Number(digits);
  }

  class Parser {
    constructor(tokens) {
      this.tokens = tokens;
      this.at = 0;
    }

    statements() {
      const found = [];
      while (this.at < this.tokens.length) {
        found.push(this.statement());
        if (this.at < this.tokens.length) this.take(";");
      }
      return found;
    }

    next() {
      return this.tokens[this.at] ?? "";
    }

    take(token) {
      if (this.next() !== token) throw new Unclear();
      this.at += 1;
    }

    takes(...tokens) {
      const token = this.next();
      if (token === "" || !tokens.includes(token)) return "";
      this.at += 1;
      return token;
    }

    statement() {
      if (this.takes("del")) {
        const targets = this.several(";", "");
        return ["del", targets[0] === "tuple" ? targets[1] : [targets]];
      }
      const value = this.several(";", "=", "");
      if (!this.takes("=")) return ["value", value];
      return ["set", value, this.several(";", "")];
    }

    several(...ends) {
      const items = [this.expression()];
      let isTuple = false;
      while (this.takes(",")) {
        isTuple = true;
        if (ends.includes(this.next())) break;
        items.push(this.expression());
      }
      if (!ends.includes(this.next())) throw new Unclear();
      return isTuple ? ["tuple", items] : items[0];
    }

    expression(rank = 0) {
      if (rank === RANKS.length) return this.signed();
      let left = this.expression(rank + 1);
      for (let sign; (sign = this.takes(...RANKS[rank])); ) {
        left = ["operation", sign, left, this.expression(rank + 1)];
      }
      return left;
    }

    signed() {
      const sign = this.takes("-", "+");
      if (sign) return ["sign", sign, this.signed()];
      const base = this.withParts(this.atom());
      return this.takes("**") ? ["operation", "**", base, this.signed()] : base;
    }

    withParts(atom) {
      let node = atom;
      for (let sign; (sign = this.takes(".", "(", "[")); ) {
        if (sign === ".") node = ["part", node, this.name()];
        else if (sign === "(") node = ["call", node, ...this.arguments()];
        else node = ["index", node, this.indices()];
      }
      return node;
    }

    name() {
      const name = this.next();
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || NO_NAMES.includes(name)) throw new Unclear();
      this.at += 1;
      return name;
    }

    arguments() {
      const places = [], keywords = new Map();
      while (!this.takes(")")) {
        if (this.takes("*")) {
          places.push(["star", this.expression()]);
        } else if (this.tokens[this.at + 1] === "=") {
          const name = this.name();
          this.take("=");
          if (keywords.has(name)) throw new Unclear();
          keywords.set(name, this.expression());
        } else if (keywords.size) {
          throw new Unclear();
        } else {
          places.push(this.expression());
        }
        if (!this.takes(",")) {
          this.take(")");
          break;
        }
      }
      return [places, keywords];
    }

    indices() {
      const found = [];
      while (!this.takes("]")) {
        found.push(this.slice());
        if (!this.takes(",")) {
          this.take("]");
          break;
        }
      }
      if (!found.length) throw new Unclear();
      return found;
    }

    slice() {
      const parts = [null];
      while (![",", "]", ""].includes(this.next())) {
        if (this.takes(":")) parts.push(null);
        else if (parts.at(-1) === null) parts[parts.length - 1] = this.expression();
        else throw new Unclear();
      }
      if (parts.length > 3) throw new Unclear();
      if (parts.length === 1) {
        if (parts[0] === null) throw new Unclear();
        return parts[0];
      }
      return ["slice", ...parts, ...Array(3 - parts.length).fill(null)];
    }

    atom() {
      const token = this.next(), opened = this.takes("(", "[");
      if (opened) return this.listed(CLOSED_BY[opened]);
      if (this.takes("...")) return ["ellipsis"];
      if (/^[0-9.]/.test(token) && token !== ".") {
        this.at += 1;
        return ["number", numberOf(token)];
      }
      if (token[0] === "'") {
        this.at += 1;
        return ["text", token.slice(1, -1)];
      }
      return ["name", this.name()];
    }

    listed(end) {
      const items = [];
      let hasComma = false;
      while (!this.takes(end)) {
        items.push(this.takes("*") ? ["star", this.expression()] : this.expression());
        if (!this.takes(",")) {
          this.take(end);
          break;
        }
        hasComma = true;
      }
      if (end === ")" && items.length === 1 && !hasComma) {
        if (items[0][0] === "star") throw new Unclear();
        return items[0];
      }
      return ["tuple", items];
    }
  }

  const statementsOf = (tokens) => new Parser(tokens).statements();
  Object.assign(Exercise, { Real, Unclear, normalForm, statementsOf, tokensOf, withoutComments });
})();
