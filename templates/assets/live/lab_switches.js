/* What is looked at in the lab, and what is switched off in the network. These are further methods
   of `Live.Lab`. */
"use strict";

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  Object.assign(Live.Lab.prototype, {
    /* What is looked at. */

    /** @this {Lab} @param {Partial<LabView>} change */
    look(change) {
      Object.assign(this.view, change);
      this.update();
    },

    /** @this {Lab} @param {number} layer */
    setLayer(layer) {
      const mechanism = this.mechanismShown();
      if (mechanism) this.look({ layers: { ...this.view.layers, [mechanism]: layer } });
    },

    /** @this {Lab} @param {number} query */
    chooseQuery(query) {
      this.look({ query: query === this.view.query ? null : query, show: "cross" });
    },

    /** @this {Lab} @param {number | null} query */
    lightQuery(query) {
      this.lit = query;
      this.update();
    },

    /* What is switched off. */

    /** @this {Lab} @param {string[]} names @param {boolean} off */
    switchOff(names, off) {
      for (const name of names) {
        if (off) this.view.off.add(name);
        else this.view.off.delete(name);
      }
      this.askAgain();
    },

    /** @this {Lab} */
    switchEverythingOn() {
      this.switchOff([...this.view.off], false);
    },

    /** @this {Lab} */
    showCells() {
      this.switchOff(
        [...this.view.off].filter((name) => name.startsWith("cell.")),
        false
      );
    },

    /** @this {Lab} @param {number} cell @param {boolean} off */
    switchCell(cell, off) {
      this.view.cell = cell;
      if (this.view.off.has(`cell.${cell}`) !== off) this.switchOff([`cell.${cell}`], off);
      else this.update();
    },

    /** @this {Lab} */
    hideFollowed() {
      const box = this.composed?.boxes[this.scene.follow];
      if (!this.result || !box) return;
      const cells = Live.follow.cellsOf(this.result.source, box, this.size);
      this.switchOff(
        cells.map((cell) => `cell.${cell}`),
        true
      );
    },
  });
})();
