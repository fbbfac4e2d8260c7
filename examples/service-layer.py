# service-layer.py: a service that runs for as long as a batch of requests needs it, from Python
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version("Au", "1")

from gi.repository import Au, GLib



class RateLimiter:
    """All of it runs in one thread, so that it needs no lock."""

    def __init__(self):
        self.max_tokens = 3
        self.tokens = self.max_tokens
        self.waiting = []
        self.requests = 0

    def generate_tokens(self, call, arguments, *user_data):
        """Runs for ever."""

        def token(*data):
            if call.is_cancelled():
                print("The service is stopped")
                call.return_error(GLib.Error("stopped", "g-io-error-quark", 19))
                return GLib.SOURCE_REMOVE
            print("A token")
            self.tokens = min(self.tokens + 1, self.max_tokens)
            self.hand_out()
            return GLib.SOURCE_CONTINUE

        source = GLib.timeout_source_new(20)
        source.set_callback(token)
        source.attach(GLib.MainContext.get_thread_default())

    def hand_out(self):
        while self.tokens and self.waiting:
            self.tokens -= 1
            self.requests += 1
            print(f"Requesting {self.requests}")
            self.waiting.pop(0).return_value(None)

    def fake_request(self, call, arguments, *user_data):
        self.waiting.append(call)
        self.hand_out()


def tame(name, start):
    return Au.Tamed.new(Au.Function.new_async(name, "()", None, Au.FunctionFlags.NONE, start))


throttle = RateLimiter()
service = Au.Scope.new(Au.ScopeExitMode.CANCEL, Au.ScopeErrorMode.CANCEL)
tame("generate-tokens", throttle.generate_tokens).call_in_scope(service, None)

batch = Au.Scope.new(Au.ScopeExitMode.WAIT, Au.ScopeErrorMode.CANCEL)
request = tame("fake-request", throttle.fake_request)
for _ in range(6):
    request.call_in_scope(batch, None)

# Waits for all requests, and then stops the service.
batch.close(None)
service.close(None)
