// On its own so that a bundle takes of the library what this one name needs.
export { x25519 } from "@noble/curves/ed25519.js";
