"""The ways to log in; each sets an authenticator, and how its groups become the Hub's.

Called by jupyterhub_config.py. ``students`` and ``instructors`` are names of Hub groups.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from hub_settings import Settings
from jupyterhub.auth import PAMAuthenticator

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
MEMBER = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


class SystemAuthenticator(PAMAuthenticator):
    """PAM; the Hub user of the services needs no account of its own."""

    services = ""

    def system_user_exists(self, user) -> bool:
        """Return whether a Hub user may exist."""
        return user.name == self.services or super().system_user_exists(user)


def pam(c, settings: Settings, students: str, instructors: str, services: str) -> None:
    """Accounts and passwords of this host; members are the Hub's, by its admin page."""

    class Authenticator(SystemAuthenticator):
        pass

    Authenticator.services = services
    c.JupyterHub.authenticator_class = Authenticator
    c.PAMAuthenticator.service = "login"
    c.Authenticator.allow_existing_users = True  # whom the Hub knows, and nobody else


def github(c, settings: Settings, students: str, instructors: str, services: str) -> None:
    """Accounts of GitHub; two teams of an organisation are the groups, if they are given."""
    given = settings.github
    c.JupyterHub.authenticator_class = "github"
    login = c.GitHubOAuthenticator
    login.client_id, login.client_secret = given.client_id, given.client_secret
    login.oauth_callback_url = f"{settings.address.rstrip('/')}/hub/oauth_callback"
    login.github_url = given.url
    login.username_claim = lambda user: given.prefix + user["login"]
    if not settings.groups_from_login:
        c.Authenticator.allow_existing_users = True
        return
    login.scope = ["read:org"]
    login.populate_teams_in_auth_state = True
    names = {given.students: students, given.instructors: instructors}

    def groups(auth_state: dict) -> set[str]:
        teams = auth_state.get("teams") or []
        ours = {f"{team['organization']['login']}:{team['slug']}" for team in teams}
        return {names[team] for team in ours if team and team in names}

    _groups_by(c, login, groups, {students, instructors})


def oidc(c, settings: Settings, students: str, instructors: str, services: str) -> None:
    """OpenID Connect; two values of a claim are the groups, if they are given."""
    given = settings.oidc
    c.JupyterHub.authenticator_class = "generic-oauth"
    login = c.GenericOAuthenticator
    login.client_id, login.client_secret = given.client_id, given.client_secret
    login.oauth_callback_url = f"{settings.address.rstrip('/')}/hub/oauth_callback"
    login.login_service, login.scope = given.service, given.scope
    login.authorize_url, login.token_url = given.authorize_url, given.token_url
    login.userdata_url = given.userdata_url
    login.username_claim = lambda user: given.prefix + user[given.name]
    if not settings.groups_from_login:
        c.Authenticator.allow_existing_users = True
        return
    names = {given.students: students, given.instructors: instructors}

    def groups(auth_state: dict) -> set[str]:
        claimed = auth_state["oauth_user"].get(given.groups) or []
        claimed = [claimed] if isinstance(claimed, str) else claimed
        return {names[one] for one in claimed if one and one in names}

    _groups_by(c, login, groups, {students, instructors})


def _groups_by(c, login, groups, allowed: set[str]) -> None:
    c.Authenticator.manage_groups = True
    login.auth_state_groups_key = groups
    login.allowed_groups = allowed


def lti13(c, settings: Settings, students: str, instructors: str, services: str) -> None:
    """LTI 1.3; the platform's roles in its courses ``contexts`` are the groups."""
    from ltiauthenticator.lti13.auth import LTI13Authenticator

    given = settings.lti13

    class Authenticator(LTI13Authenticator):
        def get_username(self, token: dict) -> str:
            return given.prefix + super().get_username(token)

    c.JupyterHub.authenticator_class = Authenticator
    login = c.LTI13Authenticator
    login.issuer, login.client_id = given.issuer, set(given.client_id)
    login.authorize_url, login.jwks_endpoint = given.authorize_url, given.jwks_endpoint
    login.username_key = given.name
    login.uri_scheme = urlsplit(settings.address).scheme
    c.Authenticator.manage_groups = True
    c.Authenticator.allow_all = True  # the platform's signature says who; the groups, what they may
    names = {MEMBER + "Learner": students, MEMBER + "Instructor": instructors}

    def groups_of_launch(authenticator, handler, model: dict) -> dict:
        claims = model["auth_state"]
        here = claims.get(LTI + "context", {}).get("id") in given.contexts
        roles = claims.get(LTI + "roles", []) if here else []
        model["groups"] = sorted({names[role] for role in roles if role in names})
        return model

    c.Authenticator.post_auth_hook = groups_of_launch


LOGINS = {"pam": pam, "github": github, "oidc": oidc, "lti13": lti13}
