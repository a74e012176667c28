import { type NativeImage, nativeImage } from 'electron';
import appIcon24 from '../../build/resources/icons/24x24.png?inline';
import appIcon48 from '../../build/resources/icons/48x48.png?inline';
import appIcon from '../../build/resources/icons/256x256.png?inline';
import trayDark2x from '../../build/resources/tray-dark@2x.png?inline';
import trayDark from '../../build/resources/tray-dark.png?inline';
import trayLight2x from '../../build/resources/tray-light@2x.png?inline';
import trayLight from '../../build/resources/tray-light.png?inline';
import trayTemplate2x from '../../build/resources/trayTemplate@2x.png?inline';
import trayTemplate from '../../build/resources/trayTemplate.png?inline';

/** Bundled into the program, so that they are there in a checkout and in the packaged archive alike. */

export function appImage(): NativeImage {
  return nativeImage.createFromDataURL(appIcon);
}

/**
 * macOS colours its template itself, and Windows says how dark its task bar is. On Linux nothing tells the panel's colour:
 * the coloured mark can be seen on any.
 */
export function trayImage(platform: NodeJS.Platform, darkPanel: boolean): NativeImage {
  if (platform === 'linux') return twoScales(appIcon24, appIcon48);
  if (platform === 'darwin') {
    const template = twoScales(trayTemplate, trayTemplate2x);
    template.setTemplateImage(true);
    return template;
  }
  return darkPanel ? twoScales(trayDark, trayDark2x) : twoScales(trayLight, trayLight2x);
}

function twoScales(normal: string, double: string): NativeImage {
  const image = nativeImage.createEmpty();
  image.addRepresentation({ scaleFactor: 1, dataURL: normal });
  image.addRepresentation({ scaleFactor: 2, dataURL: double });
  return image;
}
