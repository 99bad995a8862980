/* What goes in and out of the lab as files: the reader's own picture, the scene as a picture, as
   YAML, as a link. */
"use strict";

/**
 * @typedef {Object} LiveFiles
 * @property {(lab: Lab, stage: HTMLElement, say: (text: string) => void) => HTMLElement} make
 * @property {(scene: Scene, view: LabView) => string} yaml  the head of an experiment
 * @property {(src: string) => Promise<Picture>} pixels   of a picture's address, which must be its
 *   data
 */

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});
  /** The longest side of a picture that is kept, in pixels. */
  const LONGEST = 1600;

  /** @param {string} src @returns {Promise<Picture>} */
  async function pixels(src) {
    const image = new Image();
    image.src = src;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    const context = /** @type {CanvasRenderingContext2D} */ (
      canvas.getContext("2d", { willReadFrequently: true })
    );
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, canvas.width, canvas.height);
  }

  /**
   * A picture as a background, no longer than it has to be.
   * @param {Picture} picture @returns {Canvas3}
   */
  function canvasOf(picture) {
    let opaque = Live.resize.overWhite(picture);
    const scale = LONGEST / Math.max(opaque.width, opaque.height);
    if (scale < 1) {
      const size = {
        width: Math.round(opaque.width * scale),
        height: Math.round(opaque.height * scale),
      };
      opaque = Live.resize.bilinear(opaque, size);
    }
    return {
      width: opaque.width,
      height: opaque.height,
      data: Float32Array.from(opaque.data, (one) => one / 255),
    };
  }

  /** @param {Scene} scene @param {LabView} view */
  function yaml({ background, seed, things, follow }, view) {
    const rows = things.map((one) => {
      /** @param {number} value */
      const short = (value) => String(Math.round(value * 1000) / 1000);
      const turn = Math.round(one.turn) ? `, turn: ${Math.round(one.turn)}` : "";
      return (
        `    - {sprite: ${one.sprite}, x: ${short(one.x)}, y: ${short(one.y)}, ` +
        `size: ${short(one.size)}` +
        `${turn}${one.flip ? ", flip: on" : ""}}`
      );
    });
    return [
      "---",
      "scene:",
      `  background: ${background}`,
      `  seed: ${seed}`,
      `  objects:${rows.length ? "" : " []"}`,
      ...rows,
      `follow: ${follow + 1}`,
      `show: ${view.show}`,
      `plot: ${view.plot}`,
      `threshold: ${view.threshold}`,
      "---",
      "",
    ].join("\n");
  }

  /** @param {string} name @param {Blob} blob */
  function save(name, blob) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  /**
   * The picture with boxes and map, as it is on the screen.
   * @param {HTMLElement} stage @param {Lab} lab
   */
  async function drawn(stage, lab) {
    const { width, height } = lab.size,
      canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    const [picture, map] = /** @type {HTMLCanvasElement[]} */ ([
      ...stage.querySelectorAll("canvas"),
    ]);
    context.drawImage(picture, 0, 0);
    context.globalAlpha = Number(map.style.opacity || 0);
    context.imageSmoothingEnabled = false;
    if (map.width) context.drawImage(map, 0, 0, width, height);
    context.globalAlpha = 1;
    for (const one of lab.boxesShown()) {
      const [x0, y0, x1, y1] = one.box;
      for (const [colour, line] of /** @type {[string, number][]} */ ([
        ["#fff", 5],
        [lab.colourOf(one.query), 3],
      ])) {
        context.strokeStyle = colour;
        context.lineWidth = line;
        context.strokeRect(x0, y0, x1 - x0, y1 - y0);
      }
      const text = `${one.label} ${Math.floor(one.score * 100)} % (${one.query})`;
      context.font = "bold 15px sans-serif";
      context.lineWidth = 4;
      context.strokeStyle = "#fff";
      const place = /** @type {[number, number]} */ ([
        Math.max(x0, 2) + 3,
        y0 > 20 ? y0 - 6 : y1 - 6,
      ]);
      context.strokeText(text, ...place);
      context.fillStyle = lab.colourOf(one.query);
      context.fillText(text, ...place);
    }
    return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  }

  /** @param {Lab} lab @param {HTMLElement} stage @param {(text: string) => void} say */
  function make(lab, stage, say) {
    const { el, button } = Live.dom;
    /** @param {Blob} file */
    const open = async (file) => {
      const src = URL.createObjectURL(file);
      try {
        lab.setOwn(canvasOf(await pixels(src)));
        say(
          "Your picture stays on this machine. The model has only ever seen drawn scenes: " +
            "in a photograph it finds nothing, or something that is not there. " +
            "Choose a background to go back."
        );
      } catch {
        say("This file is no picture that the browser can read.");
      } finally {
        URL.revokeObjectURL(src);
      }
    };
    const input = el("input", {
      type: "file",
      accept: "image/*",
      onchange: () => {
        if (input.files?.[0]) open(input.files[0]);
        input.value = "";
      },
    });
    stage.addEventListener("dragover", (event) => event.preventDefault());
    stage.addEventListener("drop", (event) => {
      event.preventDefault();
      const frame = stage.getBoundingClientRect(),
        name = event.dataTransfer?.getData("text/x-lab-thing");
      const x = (event.clientX - frame.left) / frame.width,
        y = (event.clientY - frame.top) / frame.height;
      if (name && lab.data.sprites[name]) lab.add(name, { x, y });
      else if (event.dataTransfer?.files[0]) open(event.dataTransfer.files[0]);
    });
    return el(
      "div",
      { class: "lab-row" },
      el("label", { class: "lab-button lab-file" }, "Your own picture", input),
      button("Save as PNG", async () => {
        const blob = await drawn(stage, lab);
        if (blob) save("scene.png", /** @type {Blob} */ (blob));
      }),
      button(
        "Save picture alone",
        () => {
          const canvas = /** @type {HTMLCanvasElement} */ (stage.querySelector("canvas"));
          canvas.toBlob((blob) => blob && save("picture.png", blob));
        },
        { title: "What the model was given, for python -m generator detect" }
      ),
      button(
        "Save scene",
        () => save("scene.md", new Blob([yaml(lab.scene, lab.view)], { type: "text/markdown" })),
        { title: "As the head of an experiment, for content/lab" }
      ),
      button("Copy link", async () => {
        try {
          await navigator.clipboard.writeText(location.href);
          say("The address of this scene was copied.");
        } catch {
          say("This browser does not copy; the address of this scene is in its address bar.");
        }
      })
    );
  }

  Live.files = { make, yaml, pixels };
})();
