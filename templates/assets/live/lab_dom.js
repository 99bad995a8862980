/* Elements of a page, made by hand: a name, attributes and children in, an element out. */
"use strict";

/**
 * @typedef {string | Node | null | undefined} Child
 *
 * @typedef {Object} LiveDom
 * @property {<Name extends keyof HTMLElementTagNameMap>(name: Name, attributes?: Record<string,
 *   any>,
 *   ...children: Child[]) => HTMLElementTagNameMap[Name]} el
 *   attributes that begin with "on" are listeners; `null` and `false` leave one out
 * @property {(text: string, press: () => void, attributes?: Record<string, any>) =>
 *   HTMLButtonElement} button
 * @property {(text: string, choices: [string, string][], change: (value: string) => void)
 *   => {field: HTMLLabelElement, select: HTMLSelectElement}} choice
 * @property {(text: string, range: {min: number, max: number, step: number},
 *   input: (value: number) => void) => {field: HTMLLabelElement, input: HTMLInputElement, output:
 *   HTMLOutputElement}} slider
 * @property {(text: string, change: (on: boolean) => void) => {field: HTMLLabelElement, box:
 *   HTMLInputElement}} check
 * @property {(select: HTMLSelectElement, choices: [string, string][], value: string) => void} offer
 * @property {(name: string, attributes: Record<string, any>, text?: string) => SVGElement} svg
 */

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});
  const SVG = "http://www.w3.org/2000/svg";
  let numbered = 0;

  /**
   * @template {keyof HTMLElementTagNameMap} Name
   * @param {Name} name @param {Record<string, any>} [attributes] @param {Child[]} children
   */
  function el(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
      else if (value === true) made.setAttribute(key, "");
      else if (value !== null && value !== undefined && value !== false)
        made.setAttribute(key, String(value));
    }
    for (const child of children) if (child !== null && child !== undefined) made.append(child);
    return made;
  }

  /** @param {string} text @param {() => void} press @param {Record<string, any>} [attributes] */
  function button(text, press, attributes = {}) {
    return el(
      "button",
      { type: "button", class: "lab-button", onclick: press, ...attributes },
      text
    );
  }

  /**
   * @param {string} text @param {[string, string][]} choices
   * @param {(value: string) => void} change
   */
  function choice(text, choices, change) {
    const select = el("select", { onchange: () => change(select.value) });
    offer(select, choices, choices.length ? choices[0][0] : "");
    return { field: el("label", { class: "lab-field" }, el("span", {}, text), select), select };
  }

  /** @param {HTMLSelectElement} select @param {[string, string][]} choices @param {string} value */
  function offer(select, choices, value) {
    const before = Array.from(select.options, (one) => one.value + one.text).join();
    if (before !== choices.map(([key, text]) => key + text).join()) {
      select.replaceChildren(...choices.map(([key, text]) => new Option(text, key)));
    }
    select.value = value;
  }

  /**
   * @param {string} text @param {{min: number, max: number, step: number}} range
   * @param {(value: number) => void} change
   */
  function slider(text, range, change) {
    const input = el("input", {
      type: "range",
      ...range,
      oninput: () => change(Number(input.value)),
    });
    const output = el("output", {});
    return {
      field: el("label", { class: "lab-field" }, el("span", {}, text, " ", output), input),
      input,
      output,
    };
  }

  /** @param {string} text @param {(on: boolean) => void} change */
  function check(text, change) {
    const id = `lab-check-${++numbered}`;
    const box = el("input", { type: "checkbox", id, onchange: () => change(box.checked) });
    return { field: el("label", { class: "lab-check", for: id }, box, " ", text), box };
  }

  /** @param {string} name @param {Record<string, any>} attributes @param {string} [text] */
  function svg(name, attributes, text) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    if (text !== undefined) made.textContent = text;
    return made;
  }

  Live.dom = { el, button, choice, slider, check, offer, svg };
})();
