/* The check of an answer: compares hashes of what it comes to with hashes of what accepted answers and
   usual mistakes come to, and deciphers what is said of them. It asks nobody anything, and works
   from a file. generator/exercises/answer_check.py makes the tables and does the same in Python. */
"use strict";
(() => {
  // SHA-256 (FIPS 180-4). The browser's own is not there on pages that came without https.
  const primes = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
  const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) | 0;
  const ROUND = primes.map((p) => fraction(Math.cbrt(p)));
  const START = primes.slice(0, 8).map((p) => fraction(Math.sqrt(p)));
  const turned = (x, n) => (x >>> n) | (x << (32 - n));

  function sha256(text) {
    const message = new TextEncoder().encode(text);
    const padded = new Uint8Array(((message.length + 8) >> 6) * 64 + 64);
    padded.set(message);
    padded[message.length] = 0x80;
    const view = new DataView(padded.buffer);
    view.setUint32(padded.length - 8, Math.floor(message.length / 2 ** 29));
    view.setUint32(padded.length - 4, message.length << 3);
    const state = START.slice(), words = new Int32Array(64);
    for (let block = 0; block < padded.length; block += 64) {
      for (let i = 0; i < 64; i++) {
        if (i < 16) {
          words[i] = view.getInt32(block + 4 * i);
          continue;
        }
        const a = words[i - 15], b = words[i - 2];
        const s0 = turned(a, 7) ^ turned(a, 18) ^ (a >>> 3);
        const s1 = turned(b, 17) ^ turned(b, 19) ^ (b >>> 10);
        words[i] = words[i - 16] + s0 + words[i - 7] + s1;
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let i = 0; i < 64; i++) {
        const s1 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
        const one = (h + s1 + ((e & f) ^ (~e & g)) + ROUND[i] + words[i]) | 0;
        const s0 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
        const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g, g = f, f = e, e = (d + one) | 0, d = c, c = b, b = a, a = (one + two) | 0;
      }
      [a, b, c, d, e, f, g, h].forEach((x, i) => { state[i] = (state[i] + x) | 0; });
    }
    const digest = new Uint8Array(32);
    state.forEach((x, i) => new DataView(digest.buffer).setInt32(4 * i, x));
    return digest;
  }

  const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

  function deciphered(base64, salt, form) {
    const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
    for (let i = 0, key; i < bytes.length; i++) {
      if (i % 32 === 0) key = sha256(`${salt}\n${i / 32}\n${form}`);
      bytes[i] ^= key[i % 32];
    }
    return new TextDecoder().decode(bytes);
  }

  // {verdict: "right" | "mistake" | "unknown", says: text, kind, missing: as `formOf` has them}
  function judge(check, typed) {
    const { kind, text, spelling, missing } = Exercise.formOf(check, typed);
    for (const key of [`spelling ${spelling}`, `${kind} ${text}`]) {
      const hash = hex(sha256(`${check.salt}\n${key}`)).slice(0, 32);
      if (!Object.hasOwn(check.says, hash)) continue;
      const said = deciphered(check.says[hash], check.salt, key);
      return { verdict: said[0] === "+" ? "right" : "mistake", says: said.slice(1), kind, missing };
    }
    return { verdict: "unknown", says: "", kind, missing };
  }

  Object.assign(Exercise, { hex, judge, sha256 });
})();
