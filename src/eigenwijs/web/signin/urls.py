"""Addresses of signing in. The names without a namespace are the ones that allauth looks up."""

from django.urls import include, path

from eigenwijs.web.signin import claim, proof, second_factors, views

_own = [
    path("start/", views.start, name="start"),
    path("rol/", views.choose_role, name="choose_role"),
    path("uitloggen/", views.sign_out, name="sign_out"),
    path("claim/", claim.claim, name="claim"),
    path("claim/welkom/", claim.welcome, name="welcome"),
    path("claim/eigenaar/", claim.owner, name="owner"),
    path("demo/", views.personas, name="personas"),
    path("demo/<uuid:person_id>/", views.become, name="become"),
    path("inloggen/papier/", views.paper, name="paper"),
    path("inloggen/lijst/", views.code_list, name="code_list"),
    path("inloggen/manieren/", views.ways_in, name="ways_in"),
    path("inloggen/extra-slot/", views.second_factor, name="second_factor"),
    path("inloggen/bewijs/", proof.second_proof, name="second_proof"),
    path("inloggen/bewijs/<str:means>/", proof.prove, name="prove"),
    path(
        "inloggen/passkey/<int:number>/weg/",
        second_factors.remove_factor,
        {"kind": "passkey"},
        "remove_passkey",
    ),
    path("inloggen/app/weg/", second_factors.remove_factor, {"kind": "app"}, "remove_app"),
    path("inloggen/bij/", second_factors.broker, name="broker"),
    path("inloggen/bij/onbekend/", views.broker_unknown, name="broker_unknown"),
    path("inloggen/bij/mislukt/", views.broker_failed, name="broker_failed"),
    path("inloggen/bij/los/", views.uncouple, name="uncouple"),
]

urlpatterns = [
    path("", include((_own, "signin"))),
    path("inloggen/", second_factors.sign_in, name="account_login"),
    path("inloggen/", second_factors.sign_in, name="account_request_login_code"),
    path("inloggen/code/", second_factors.confirm, name="account_confirm_login_code"),
    path("inloggen/extra-code/", second_factors.authenticate, name="mfa_authenticate"),
    path("inloggen/passkey/", second_factors.passkey_sign_in, name="mfa_login_webauthn"),
    path("inloggen/passkey/nieuw/", second_factors.new_passkey, name="mfa_add_webauthn"),
    path("inloggen/app/nieuw/", second_factors.new_app, name="mfa_activate_totp"),
    path("inloggen/manieren/", views.ways_in, name="mfa_index"),
    path("inloggen/app/weg/", second_factors.remove_factor, {"kind": "app"}, "mfa_deactivate_totp"),
    path("inloggen/manieren/", views.ways_in, name="socialaccount_connections"),
    path("inloggen/bij/mislukt/", views.broker_failed, name="socialaccount_login_cancelled"),
    path("inloggen/bij/mislukt/", views.broker_failed, name="socialaccount_login_error"),
    path("inloggen/gesloten/", views.closed, name="account_inactive"),
    path(
        "inloggen/bij/<str:provider_id>/",
        include(
            [
                path("heen/", second_factors.broker_login, name="openid_connect_login"),
                path("terug/", second_factors.broker_callback, name="openid_connect_callback"),
            ]
        ),
    ),
]
