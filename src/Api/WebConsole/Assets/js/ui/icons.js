// Icons of 16 x 16, drawn as lines in the color of the text.

const PATHS = {
  plus: 'M8 3v10M3 8h10',
  send: 'M8 13V3M3.5 7.5 8 3l4.5 4.5',
  stop: 'M4.5 4.5h7v7h-7z',
  edit: 'M3 13l.6-3L10.5 3.1a1.4 1.4 0 0 1 2 0l.4.4a1.4 1.4 0 0 1 0 2L6 12.4 3 13z',
  copy: 'M6 6h7v7H6zM3 10V3h7',
  retry: 'M13 8a5 5 0 1 1-1.6-3.7M13 2.5V5h-2.6',
  fork: 'M5 4.5v7M5 8c0 2.5 6 0 6 3M5 4.5a1.2 1.2 0 1 0 0-.1M5 13.4a1.2 1.2 0 1 0 0-.1M11 13.4a1.2 1.2 0 1 0 0-.1',
  rewind: 'M6 4 2.5 7.5 6 11M3 7.5h6.5a3.5 3.5 0 0 1 0 7H8',
  details: 'M2.5 4h11M2.5 8h11M2.5 12h7',
  left: 'M10 3.5 5.5 8l4.5 4.5',
  right: 'M6 3.5 10.5 8 6 12.5',
  down: 'M3.5 6 8 10.5 12.5 6',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  close: 'M4 4l8 8M12 4l-8 8',
  settings: 'M2.5 5h5M11 5h2.5M9.2 3.3a1.8 1.8 0 1 0 .1 0M2.5 11H5M8.6 11h4.9M6.8 9.3a1.8 1.8 0 1 0 .1 0',
  search: 'M7 2.8a4.2 4.2 0 1 0 .1 0M10.2 10.2 13.5 13.5',
  check: 'M3.5 8.5 6.5 11.5 12.5 4.5',
  trash: 'M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.5 8.5h6l.5-8.5',
  warning: 'M8 2.5 14 13H2zM8 6.5v3M8 11.2v.1',
  sliders: 'M4 3v4M4 10v3M8 3v2M8 8v5M12 3v6M12 12v1M2.7 8.5h2.6M6.7 6.5h2.6M10.7 10.5h2.6',
};

const SVG = 'http://www.w3.org/2000/svg';

/** Creates an icon, which assistive technology ignores: its button has a label. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

/** Creates the mark of the product. */
export function mark() {
  return Object.assign(document.createElement('img'), { src: 'icon.svg', alt: '', width: 22, height: 22 });
}
