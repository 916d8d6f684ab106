export { ar } from "./texts/ar";
export { en } from "./texts/en";
export { fr } from "./texts/fr";
