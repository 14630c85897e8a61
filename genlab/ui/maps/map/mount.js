// Puts a map on the page, and takes it away again.

import {Choosing} from './choose.js';
import {Filming} from './film.js';
import {Hovering} from './hover.js';
import {LatentMap} from './map.js';

const WholeMap = Filming(Choosing(Hovering(LatentMap)));

export default function ({data, parentElement, setStateValue}) {
  parentElement.latentMap ??= new WholeMap(parentElement);
  parentElement.latentMap.update(data, setStateValue);
  return () => {
    parentElement.latentMap?.close();
    delete parentElement.latentMap;
  };
}
