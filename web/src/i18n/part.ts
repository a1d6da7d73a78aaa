/**
 * A component that is fetched when it is first shown, with the texts that only it needs. Until then,
 * and where it cannot be fetched, there is nothing in its place.
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
