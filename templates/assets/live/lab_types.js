/* The kinds of values that the lab passes about; there is nothing in it to load. */
"use strict";

/**
 * @typedef {"boxes" | "cross" | "looks" | "looked-at"} LabShow
 *
 * What is looked at. Layers, heads, steps and cells count from 0; `off` holds names of
 * `Live.knock`.
 * @typedef {Object} LabView
 * @property {LabShow} show
 * @property {Record<string, number>} layers  of each mechanism
 * @property {number | "mean"} head
 * @property {number} strength  of the map, in per cent
 * @property {number} threshold
 * @property {number} step      the decoder layer whose boxes are shown
 * @property {Set<string>} off
 * @property {number | null} query  that was chosen; null is the one that answers for the followed
 *   thing
 * @property {number | null} cell   that was chosen
 * @property {keyof Sample} plot what score and IoU are drawn over
 * @property {boolean} brush    whether cells are hidden where the pointer draws
 *
 * What the build wrote for the lab.
 * @typedef {Object} LabData
 * @property {Record<string, {src: string, label: string, known: boolean}>} sprites
 * @property {Bounds} bounds
 * @property {string} colours   base64 of (256, 3)
 * @property {string[]} queryColours
 * @property {number} threshold
 * @property {Record<string, Prepared>} experiments
 * @typedef {{title: string, scene: Scene, show: LabShow, plot: keyof Sample, threshold: number |
 *   null}} Prepared
 *
 * What the model found, and in which scene.
 * @typedef {Object} Result
 * @property {Source} source
 * @property {Scene} scene
 * @property {Box[]} boxes of its things
 * @property {number[]} visible
 * @property {LabPrediction[][]} predictions by decoder layer
 * @property {number} milliseconds
 *
 * @typedef {Object} LabParts
 * @property {LabData} data
 * @property {ModelCard} model
 * @property {Record<string, Sprite>} sprites
 * @property {(picture: Picture, changes: Changes) => Promise<Source | null>} run
 * @property {(draw: () => void) => void} schedule  calls back soon
 */
