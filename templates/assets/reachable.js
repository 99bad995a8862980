/* What Material leaves to the mouse: tables, code and formulas that scroll get the focus, so that arrow keys
   move them, and the search dialog gets a name. */
"use strict";
(() => {
  const SCROLLING = ".md-typeset__scrollwrap, .md-typeset pre > code, .md-typeset .math-display";

  function mend() {
    for (const one of document.querySelectorAll(SCROLLING)) {
      if (one.scrollWidth > one.clientWidth) one.setAttribute("tabindex", "0");
      else one.removeAttribute("tabindex");
    }
    document.querySelector(".md-search")?.setAttribute("aria-label", "Search");
  }
  // Tables are wrapped by Material's own script, which runs after this one.
  addEventListener("load", mend);
  addEventListener("resize", mend);
})();
