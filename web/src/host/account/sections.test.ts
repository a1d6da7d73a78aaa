import { describe, expect, it } from 'vitest';

import { accountSections, sectionId } from './sections';

describe("the account's sections", () => {
  it('are named after their files', () => {
    expect(sectionId('./sections/ProfileSection.vue')).toBe('profile');
    expect(sectionId('./sections/SignInSection.vue')).toBe('sign-in');
  });

  it('begin with the profile, the target of the menu', () => {
    expect(accountSections[0]?.id).toBe('profile');
    // mails about sessions link to this address
    expect(accountSections.map(({ id }) => id)).toContain('sessions');
  });
});
