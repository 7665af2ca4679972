/** Small signs, drawn on a field of 16 by 16 in the colour of the text around them. */
const paths = {
  play: 'M4 2.5v11l9.5-5.5z',
  pause: 'M4 2.5h3v11H4zM9 2.5h3v11H9z',
  next: 'M3 2.5v11L10.5 8zM11 2.5h2v11h-2z',
  previous: 'M13 2.5v11L5.5 8zM3 2.5h2v11H3z',
  rewind: 'M8.5 2.5v11L1.5 8zM14.5 2.5v11L8 8z',
  toEnd: 'M1.5 2.5v11L8.5 8zM7.5 2.5v11L14.5 8z',
  close:
    'M3.6 2.5 8 6.9l4.4-4.4 1.1 1.1L9.1 8l4.4 4.4-1.1 1.1L8 9.1l-4.4 4.4-1.1-1.1L6.9 8 2.5 3.6z',
  sun: 'M8 4.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7zM7.3 0h1.4v2.6H7.3zM7.3 13.4h1.4V16H7.3zM0 7.3h2.6v1.4H0zM13.4 7.3H16v1.4h-2.6zM2.1 3.1l1-1 1.9 1.9-1 1zM11 12l1-1 1.9 1.9-1 1zM2.1 12.9 4 11l1 1-1.9 1.9zM11 4l1.9-1.9 1 1L12 5z',
  moon: 'M6.2 1.6a6.6 6.6 0 1 0 8.2 8.2A5.6 5.6 0 0 1 6.2 1.6z',
  halfMoon: 'M8 1.5a6.5 6.5 0 1 0 0 13zM8 1.5v1.4a5.1 5.1 0 0 1 0 10.2v1.4a6.5 6.5 0 0 0 0-13z',
  search:
    'M7 1.5a5.5 5.5 0 0 1 4.4 8.8l3.2 3.2-1.1 1.1-3.2-3.2A5.5 5.5 0 1 1 7 1.5zm0 1.6a3.9 3.9 0 1 0 0 7.8 3.9 3.9 0 0 0 0-7.8z',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg width="15" height="15" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
