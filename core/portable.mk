# Sources that need the standard library only: the extension compiles them too. One list, read by make and by CMake.
CORE_PORTABLE_SOURCES := \
	core/errors.cpp \
	core/money/money.cpp \
	core/pii/percent.cpp \
	core/pii/text.cpp \
	core/pii/keys.cpp \
	core/pii/detect.cpp \
	core/pii/url.cpp \
	core/channels/glob.cpp \
	core/channels/source_categories.cpp \
	core/channels/rule_set.cpp
