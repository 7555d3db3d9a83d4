export { type FolderStoreOptions, folderStore } from "./folder-store.node.ts";
export * from "./index.browser.ts";
