import { type NativeImage, nativeImage } from 'electron';
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

/** @param darkPanel whether the system's panel or task bar is dark; macOS colours its template itself */
export function trayImage(platform: NodeJS.Platform, darkPanel: boolean): NativeImage {
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
