/** Made by scripts/build-web.js: what stands in the folder `scenarios`. */
declare module 'kvx:scenarios' {
  export const scenarios: readonly { readonly name: string; readonly text: string }[];
}
