// How the app is packaged: `npm run package`. Everything is bundled into dist/ but Electron itself and the native database,
// which package.json's only dependency brings along: of node_modules nothing else is packed.

/** @type {import('electron-builder').Configuration} */
export default {
  appId: 'app.comfy-ensemble',
  productName: 'Comfy Ensemble',
  copyright: 'Comfy Ensemble',
  directories: { buildResources: 'build/resources', output: 'release' },
  // Electron needs glibc: the binary for musl, which npm installs beside it, would only be weight.
  files: ['dist/**', 'package.json', '!**/*.map', '!dist/.*', '!node_modules/@libsql/*-musl*/**'],
  asar: true,
  // The system cannot load a library out of an archive.
  asarUnpack: ['**/*.node'],
  npmRebuild: false,
  publish: null,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: electron-builder fills these in itself
  artifactName: '${name}-${version}-${os}-${arch}.${ext}',
  electronFuses: {
    // On: the guardian, the demo fleet, the headless host and the CLI are plain Node programs that this very executable
    // runs out of the archive (ELECTRON_RUN_AS_NODE).
    runAsNode: true,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    grantFileProtocolExtraPrivileges: false,
  },
  linux: {
    target: ['AppImage', 'deb', 'tar.gz'],
    executableName: 'comfy-ensemble',
    icon: 'icons',
    category: 'Graphics',
    synopsis: 'Every GPU you have acts as one ComfyUI',
    maintainer: 'Comfy Ensemble <comfy-ensemble@localhost>',
  },
  deb: { packageCategory: 'graphics' },
  win: { target: ['nsis'], icon: 'icon.ico' },
  nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true },
  mac: { target: ['dmg', 'zip'], icon: 'icon.icns', category: 'public.app-category.graphics-design' },
};
