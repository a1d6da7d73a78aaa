/// <reference types="vite/client" />

declare module 'virtual:shell-texts' {
  const texts: Partial<Record<string, { pin: string[]; join: string[]; failed: string[] }>>;
  export default texts;
}
