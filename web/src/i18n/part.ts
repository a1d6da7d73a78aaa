/**
 * A component that is loaded on first use, with its texts. Renders nothing until loaded, or if
 * loading fails.
 */
import { type Component, h, type SetupContext, shallowRef } from 'vue';

import { loadAreas, type Area } from '.';

export function part<C extends Component>(area: Area, load: () => Promise<{ default: C }>): C {
  const found = shallowRef<C>();
  async function fetched(): Promise<void> {
    const [module] = await Promise.all([load(), loadAreas(area)]);
    found.value = module.default;
  }
  return {
    inheritAttrs: false,
    setup(_props: unknown, { attrs, slots }: SetupContext) {
      if (!found.value) fetched().catch(() => undefined);
      return () => found.value && h(found.value, attrs, slots);
    },
  } as unknown as C;
}
