/** The bundler replaces such an import by a data: URL of the file. */
declare module '*.png?inline' {
  const dataUrl: string;
  export default dataUrl;
}
