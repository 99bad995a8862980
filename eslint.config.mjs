// The scripts of the live page and of the exercise: classic scripts that run in a page, in a worker
// and under Node.
import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  {
    files: ["templates/assets/live/**/*.js", "templates/assets/exercise/*.js"],
    languageOptions: {
      ecmaVersion: 2022,
      sourceType: "script",
      globals: { ...globals.browser, Live: "readonly", Exercise: "readonly" },
    },
    rules: {
      "no-unused-vars": ["error", { ignoreRestSiblings: true, varsIgnorePattern: "^(Live|Exercise)$" }],
      "no-var": "error",
      "prefer-const": ["error", { destructuring: "all" }],
      eqeqeq: "error",
    },
  },
  {
    // The explorer's lines are longer.
    files: ["templates/assets/live/*.js"],
    ignores: ["**/attention.js", "**/explorer*.js", "**/shipped.js"],
    rules: { "max-len": ["error", { code: 100 }] },
  },
  {
    files: ["templates/assets/exercise/*.js"],
    rules: { "max-len": ["error", { code: 115 }] },
  },
];
