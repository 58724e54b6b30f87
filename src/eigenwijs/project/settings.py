"""Django's settings, from the environment alone (`environment.py` lists every variable)."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from eigenwijs.project import environment

PACKAGE = Path(__file__).resolve().parents[1]
BASE_DIR = PACKAGE.parents[1]
DATA_FOLDER = BASE_DIR / environment.DATA_FOLDER.read()

DEBUG = False
DEMO = environment.DEMO.is_on()
TLS = not (environment.INSECURE_HTTP.is_on() or DEMO)

MINIMUM_SECRET_LENGTH = 50
PUBLISHED_SECRET = "fictional-data-only-" + "demonstration-" * 4
THIS_MACHINE = ["127.0.0.1", "localhost", "[::1]"]


def _secret(value: str, name: str) -> str:
    is_weak = len(value) < MINIMUM_SECRET_LENGTH or len(set(value)) < 5
    if is_weak or value == PUBLISHED_SECRET:
        raise ImproperlyConfigured(
            f"{name} must have at least {MINIMUM_SECRET_LENGTH} random characters that nobody else knows. "
            "Make them with: python3 -c 'import secrets; print(secrets.token_urlsafe(64))'"
        )
    return value


SECRET_KEY = environment.SECRET_KEY.read()
_is_published = DEMO and not SECRET_KEY  # its data are fictional, and it answers this machine only
SECRET_KEY = PUBLISHED_SECRET if _is_published else _secret(SECRET_KEY, environment.SECRET_KEY.name)
SECRET_KEY_FALLBACKS = [
    _secret(key, environment.SECRET_KEY_FALLBACKS.name)
    for key in environment.SECRET_KEY_FALLBACKS.values()
]

ALLOWED_HOSTS = environment.ALLOWED_HOSTS.values() or (THIS_MACHINE if DEMO else [])
if DEMO and not set(ALLOWED_HOSTS) <= set(THIS_MACHINE):
    raise ImproperlyConfigured(
        f"A demonstration ({environment.DEMO.name}) lets anyone sign in as anyone, so it answers this machine "
        f"only. Leave {environment.ALLOWED_HOSTS.name} empty, or name nothing but {', '.join(THIS_MACHINE)}."
    )


def database() -> dict[str, Any]:
    """Return how Django reaches the database that the environment names."""
    url = environment.DATABASE_URL.read()
    if not url:
        raise ImproperlyConfigured(
            f"{environment.DATABASE_URL.name} is not set. The demo and the tests start a PostgreSQL of "
            "their own: python3 run.py demo"
        )
    parts = conninfo_to_dict(url)
    names = {
        "dbname": "NAME",
        "user": "USER",
        "password": "PASSWORD",
        "host": "HOST",
        "port": "PORT",
    }
    known = {django: str(parts.pop(libpq, "") or "") for libpq, django in names.items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **known,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": parts,
        # A pooler lends a connection for one transaction; a cursor on the server would outlive it.
        "DISABLE_SERVER_SIDE_CURSORS": environment.POOLED.is_on(),
    }


DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# From the ground up, as the house stands.
ROOMS = (
    "eigenwijs.audit",
    "eigenwijs.ledger",
    "eigenwijs.people",
    "eigenwijs.notices",
    "eigenwijs.schemes",
    "eigenwijs.catalogue",
    "eigenwijs.treasury",
    "eigenwijs.budgets",
    "eigenwijs.contributions",
    "eigenwijs.draws",
    "eigenwijs.bookings",
    "eigenwijs.simulation",
    "eigenwijs.jobs",
    "eigenwijs.web",
    "eigenwijs.project",
)

INSTALLED_APPS = [
    *ROOMS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "django_htmx",
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
    "pgtrigger",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "eigenwijs.web.middleware.ActorMiddleware",
]

ROOT_URLCONF = "eigenwijs.project.urls"
WSGI_APPLICATION = "eigenwijs.project.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [
            PACKAGE / "web",
            PACKAGE / "web" / "templates",
            *sorted((PACKAGE / "web").glob("*/templates")),
        ],
        "APP_DIRS": False,
        "OPTIONS": {
            # Both cotton and partials wrap the loaders; in this order they get along.
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "eigenwijs.web.templatetags.eigenwijs",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "eigenwijs.web.context.site",
            ],
        },
    }
]
COTTON_DIR = "components"
COTTON_BASE_DIR = PACKAGE / "web"
COTTON_ISOLATE_BY_DEFAULT = True  # a component sees what it is given, and nothing else

LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", "Nederlands"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Amsterdam"
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SAMESITE = "Lax"

STATIC_URL = "/static/"
STATIC_ROOT = DATA_FOLDER / "static"
STATICFILES_DIRS = [PACKAGE / "web" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["eigenwijs.people.backend.LoginBackend"]
LOGIN_URL = "/inloggen/"
LOGIN_REDIRECT_URL = "/start/"
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if environment.PROXY_HEADER.is_on() else 0
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_ADAPTER = "eigenwijs.web.signin.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an address is proven before it becomes a login's
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_RATE_LIMITS = {
    "request_login_code": "30/m/ip,5/10m/key",
    "login_failed": "30/m/ip,10/10m/key",
    "claim": "20/m/ip,200/h/ip",
    "list_code": "20/m/ip,200/h/ip",
    "mailed_code": "5/10m/user",
}
ACCOUNT_FORMS = {
    "request_login_code": "eigenwijs.web.signin.forms.EmailForm",
    "confirm_login_code": "eigenwijs.web.signin.forms.EmailCodeForm",
}
MFA_ADAPTER = "eigenwijs.web.signin.adapter.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1
MFA_TOTP_ISSUER = "Eigenwijs"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not TLS
MFA_FORMS = {
    "authenticate": "eigenwijs.web.signin.forms.AppCodeForm",
    "activate_totp": "eigenwijs.web.signin.forms.NewAppForm",
    "add_webauthn": "eigenwijs.web.signin.forms.NewPasskeyForm",
}
SOCIALACCOUNT_ADAPTER = "eigenwijs.web.signin.adapter.BrokerAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_LOGIN_ON_GET = True  # our own button posts
BROKER_NAME = environment.OIDC_NAME.read() if environment.OIDC_ISSUER.read() else ""
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "broker",
                "name": BROKER_NAME,
                "client_id": environment.OIDC_CLIENT.read(),
                "secret": environment.OIDC_SECRET.read(),
                "settings": {"server_url": environment.OIDC_ISSUER.read()},
            }
        ]
        if BROKER_NAME
        else [],
    }
}

CACHES = {
    # Sign-in limits must hold over all processes, so they live in the database.
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 12
SESSION_COOKIE_SECURE = TLS
CSRF_COOKIE_SECURE = TLS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "eigenwijs.web.errors.no_form_token"
LANGUAGE_COOKIE_SECURE = TLS
SECURE_SSL_REDIRECT = TLS
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = TLS
SECURE_HSTS_PRELOAD = TLS
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if environment.PROXY_HEADER.is_on() else None
)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024

_broker = urlsplit(environment.OIDC_ISSUER.read())
_broker_origin = [f"{_broker.scheme}://{_broker.netloc}"] if _broker.netloc else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF, *_broker_origin],
        "frame-ancestors": [NONE],
    }
}


def _mail(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme == "file":
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": unquote(parts.path),
        }
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or 587,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp" and bool(parts.username),
    }


globals().update(_mail(environment.MAIL_URL.read() or f"file://{DATA_FOLDER / 'mails'}"))
DEFAULT_FROM_EMAIL = environment.MAIL_FROM.read()
SITE_ADDRESS = environment.SITE_ADDRESS.read()
OPERATOR_NAME = environment.OPERATOR_NAME.read()
HELP_EMAIL = environment.HELP_EMAIL.read() or ("hulp@eigenwijs.example" if DEMO else "")
HELP_PHONE = environment.HELP_PHONE.read() or ("000 000 00 00" if DEMO else "")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": environment.LOG_LEVEL.read()},
    "loggers": {"procrastinate": {"level": "WARNING"}},  # it tells every job twice
}

PROCRASTINATE_ON_APP_READY = "eigenwijs.jobs.tasks.register"
