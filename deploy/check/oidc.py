"""Check OpenID providers: metadata and keys."""

from __future__ import annotations

from deploy.check.finding import Finding, run_probe, yes_no
from gateway.oidc.client import redirect_uri
from gateway.oidc.metadata import Discovery
from gateway.oidc.providers import ProviderSettings


async def check_oidc(provider: ProviderSettings, public_url: str) -> Finding:
    """Check the provider's issuer."""
    discovery = Discovery(provider)

    async def probe(finding: Finding) -> None:
        metadata = await discovery.metadata()
        keys = await discovery.keys()
        finding.facts["keys"] = f"{len(keys.keys)}, {', '.join(metadata.algorithms)}"
        finding.facts["sends issuer (RFC 9207)"] = yes_no(value=metadata.names_issuer)
        finding.facts["redirect URI"] = redirect_uri(public_url, provider.name)
        if provider.logout and not metadata.end_session_endpoint:
            finding.warnings.append(
                f"The OpenID provider {provider.name} has no end_session_endpoint: "
                "signing out of Quizrun does not sign out of the provider."
            )
        if not keys.keys:
            finding.faults.append(f"The OpenID provider {provider.name} has no usable keys.")

    return await run_probe(Finding(f"OpenID: {provider.name}", provider.issuer_url), probe)
