# rate-limiter.py: three in a minute
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version("Au", "1")

from gi.repository import Au, GLib

limiter = Au.RateLimiter.new(3, 60 * GLib.USEC_PER_SEC)
print([limiter.try_acquire(None) for _ in range(5)])
print(limiter.get_delay(None) > 59 * GLib.USEC_PER_SEC)
