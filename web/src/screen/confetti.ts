/** Confetti for the winner, unless reduced motion is requested. */
import confetti from 'canvas-confetti';

const COLOURS = ['#d92f3a', '#1f6feb', '#ffc21a', '#12805c', '#8b3fe0', '#ff8a3d', '#38c6e8'];
const BURSTS = 5;
const PAUSE_MS = 700;

/** Show confetti on `canvas`, which fills the window. Returns a function to stop it. */
export function celebrate(canvas: HTMLCanvasElement): () => void {
  // the worker would be loaded from a blob URL, which the content security policy blocks
  const fling = confetti.create(canvas, { resize: true, useWorker: false });
  let burst = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const fire = (): void => {
    for (const [x, angle] of [
      [0, 60],
      [1, 120],
    ] as const)
      void fling({
        particleCount: 90,
        angle,
        spread: 70,
        startVelocity: Math.min(100, window.innerHeight / 11),
        origin: { x, y: 0.85 },
        colors: COLOURS,
        scalar: window.innerHeight / 800,
        ticks: 260,
        disableForReducedMotion: true,
      });
    if (++burst < BURSTS) timer = setTimeout(fire, PAUSE_MS);
  };
  fire();
  return () => {
    clearTimeout(timer);
    fling.reset();
  };
}
