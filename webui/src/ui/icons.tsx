import type { ReactNode } from "react";

/** Drawn on a 24 × 24 grid with the current colour; their buttons carry the words. */
function Icon({ children }: { children: ReactNode }) {
  return (
    <svg
      width="24"
      height="24"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

const crossed = <path d="M3 3l18 18" />;

export const Microphone = ({ off }: { off?: boolean }) => (
  <Icon>
    <rect x="9" y="3" width="6" height="11" rx="3" />
    <path d="M5 11a7 7 0 0 0 14 0M12 18v3" />
    {off && crossed}
  </Icon>
);

export const Camera = ({ off }: { off?: boolean }) => (
  <Icon>
    <rect x="3" y="6" width="12" height="12" rx="2" />
    <path d="M15 10l6-3v10l-6-3" />
    {off && crossed}
  </Icon>
);

export const Screen = ({ off }: { off?: boolean }) => (
  <Icon>
    <rect x="3" y="4" width="18" height="13" rx="2" />
    <path d="M8 21h8M12 14V8M9.5 10.5L12 8l2.5 2.5" />
    {off && crossed}
  </Icon>
);

export const Gauge = () => (
  <Icon>
    <path d="M5 19a9 9 0 1 1 14 0M12 14l4-5" />
    <circle cx="12" cy="14" r="1" />
  </Icon>
);

export const HangUp = () => (
  <Icon>
    <path d="M3 14c5-6 13-6 18 0l-3 3-3-2v-3a10 10 0 0 0-6 0v3l-3 2z" />
  </Icon>
);

export const People = () => (
  <Icon>
    <circle cx="9" cy="8" r="3" />
    <path d="M3 20a6 6 0 0 1 12 0M16 5a3 3 0 0 1 0 6M18 14a6 6 0 0 1 3 6" />
  </Icon>
);

export const Copy = () => (
  <Icon>
    <rect x="9" y="9" width="11" height="11" rx="2" />
    <path d="M5 15V6a2 2 0 0 1 2-2h8" />
  </Icon>
);

export const Bell = () => (
  <Icon>
    <path d="M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 21h4" />
  </Icon>
);

export const Enter = () => (
  <Icon>
    <path d="M13 3h6v18h-6M3 12h11M10 8l4 4-4 4" />
  </Icon>
);

export const Pencil = () => (
  <Icon>
    <path d="M4 20l1-5L16 4l4 4L9 19zM13 7l4 4" />
  </Icon>
);

export const Envelope = () => (
  <Icon>
    <rect x="3" y="5" width="18" height="14" rx="2" />
    <path d="M3 7l9 6 9-6" />
  </Icon>
);

export const Bin = () => (
  <Icon>
    <path d="M4 7h16M9 7V4h6v3M6 7l1 14h10l1-14M10 11v6M14 11v6" />
  </Icon>
);

export const Book = () => (
  <Icon>
    <path d="M5 5a2 2 0 0 1 2-2h12v18H7a2 2 0 0 1-2-2zM5 17.5a2 2 0 0 1 2-1.5h12" />
    <circle cx="12" cy="7.5" r="1.5" />
    <path d="M9 13a3 3 0 0 1 6 0" />
  </Icon>
);

export const Telephone = () => (
  <Icon>
    <path d="M5 4h4l2 5-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a2 2 0 0 1-2 2A15 15 0 0 1 3 6a2 2 0 0 1 2-2z" />
  </Icon>
);

export const Refresh = () => (
  <Icon>
    <path d="M4 12a8 8 0 0 1 13.7-5.6L20 9M20 4v5h-5M20 12a8 8 0 0 1-13.7 5.6L4 15M4 20v-5h5" />
  </Icon>
);

export const ArrowUp = () => (
  <Icon>
    <path d="M12 20V4M6 10l6-6 6 6" />
  </Icon>
);

export const ArrowDown = () => (
  <Icon>
    <path d="M12 4v16M6 14l6 6 6-6" />
  </Icon>
);

export const ChevronLeft = () => (
  <Icon>
    <path d="M15 5l-7 7 7 7" />
  </Icon>
);

export const ChevronRight = () => (
  <Icon>
    <path d="M9 5l7 7-7 7" />
  </Icon>
);

/** A call that came. */
export const ArrowIn = () => (
  <Icon>
    <path d="M20 12H4M10 6l-6 6 6 6" />
  </Icon>
);

/** A call that was made. */
export const ArrowOut = () => (
  <Icon>
    <path d="M4 12h16M14 6l6 6-6 6" />
  </Icon>
);

export const Journal = () => (
  <Icon>
    <path d="M4 5h16M4 12h9M4 19h6M16 13h1.5l1 2.5-1.2.8a5 5 0 0 0 2.4 2.4l.8-1.2 1.5 1V20a1 1 0 0 1-1 1 6 6 0 0 1-6-6 1 1 0 0 1 1-1z" />
  </Icon>
);

export const Check = () => (
  <Icon>
    <path d="M5 13l5 5 9-11" />
  </Icon>
);

export const Month = () => (
  <Icon>
    <rect x="4" y="5" width="16" height="16" rx="2" />
    <path d="M4 10h16M8 3v4M16 3v4" />
  </Icon>
);
