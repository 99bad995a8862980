/* What the page says of an answer, and the answer as it stands in a file. */
"use strict";
(() => {
  const LEADS = { right: "Right.", mistake: "Not yet.", unknown: "Not recognised." };
  const STATES = { right: "right", mistake: "not yet", unknown: "not recognised", "": "not checked" };
  const REASONS = {
    line: "The page has worked out what this line makes, and it expects something else. ",
    answer: "The page cannot work out its line with this in it; PyTorch may stop there. ",
    spelling: "This may be right in a form that this page does not know. ",
  };
  const TRY =
    "Look at the hint again, or try your class out in the exercise's notebook, whose last cell runs it. " +
    "The grader looks at what the class does, not at how it is spelt.";
  const IMPORTS = {
    F: "import torch.nn.functional as F", np: "import numpy as np", numpy: "import numpy",
    math: "import math",
  };
  // What Python and PyTorch know without being told; the page need not.
  const KNOWN = new Set(
    ("abs all any bool complex dict dir divmod enumerate eval exec filter hasattr id isinstance iter " +
     "list map max min next object print property reversed set sorted str sum super type vars zip " +
     "pass return lambda Exception locals globals torchvision").split(" "),
  );
  const OF_MODULES = new Set(
    ("add_module apply bfloat16 buffers children cpu cuda double eval extra_repr float forward " +
     "get_parameter get_submodule half load_state_dict modules named_buffers named_children " +
     "named_modules named_parameters parameters register_buffer register_module register_parameter " +
     "requires_grad_ share_memory state_dict to train training type zero_grad").split(" "),
  );

  /** Whether a name occurs in code, not as the attribute of something else. */
  function standsIn(code, name) {
    const escaped = name.replaceAll(".", "\\.");
    return new RegExp(`(?<![\\w.])${escaped}(?!\\w)`).test(code);
  }

  /** A sentence about a name that is not there; "" where the page cannot be sure of it. */
  function aboutMissing(missing, listing) {
    const [first, second, ...rest] = missing.split(".");
    if (!missing || rest.length || standsIn(listing, missing)) return "";
    if (second === undefined) {
      if (KNOWN.has(first) || first.startsWith("__")) return "";
      const isPart = standsIn(listing, `self.${first}`);
      return `There is no \`${first}\` here${isPart ? ": attributes need their `self.`" : ""}. `;
    }
    if (first !== "self" || OF_MODULES.has(second) || second.startsWith("_")) return "";
    return `The class has no \`${missing}\`. `;
  }

  /** What is said of an answer, after its lead; `listing` is the exercise's code. */
  function saysOf({ verdict, says, kind, missing }, typed, listing) {
    if (verdict === "right") {
      const lacking = Object.keys(IMPORTS).filter(
        (name) => standsIn(typed, name) && !standsIn(listing, name),
      );
      const remark = lacking.map((name) => `\`${IMPORTS[name]}\``).join(" and ");
      return remark ? `${says} Your file then needs ${remark} as well.` : says;
    }
    if (verdict === "mistake") return says;
    return (aboutMissing(missing, listing) || REASONS[kind]) + TRY;
  }

  /** The length of a beginning within code; spacing and kinds of quotes do not matter. */
  function past(code, beginning) {
    const wanted = beginning.replace(/\s/g, "").replaceAll('"', "'");
    let position = 0;
    for (const sign of wanted) {
      while (/\s/.test(code[position] ?? "")) position++;
      if ((code[position] ?? "").replace('"', "'") !== sign) return -1;
      position++;
    }
    return position;
  }

  const reversed = (text) => Array.from(text).reverse().join("");

  /** An answer as it belongs into the file: without its line, comments, and a telephone's marks. */
  function answerOf(check, typed) {
    const code = Exercise.withoutComments(typed)
      .replace(/[\u201c\u201d\u201e\u201f]/g, '"')
      .replace(/[\u2018\u2019\u201a\u201b]/g, "'")
      .replace(/(?<![\w.])Self(?=\.)/g, "self")
      .replace(/[\s;]+$/, "")
      .trim();
    const form = Exercise.normalForm(code);
    for (const frame of check.frames) {
      if (Exercise.withoutFrame(form, [frame]) === form) continue;
      const start = past(code, frame[0]), end = past(reversed(code), reversed(frame[1]));
      if (start >= 0 && end >= 0) return code.slice(start, code.length - end).trim();
    }
    return code;
  }

  Object.assign(Exercise, { LEADS, STATES, answerOf, saysOf });
})();
