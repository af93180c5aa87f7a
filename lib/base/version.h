/* The version of all tools; the Makefile reads it from here. */
#ifndef RC_BASE_VERSION_H
#define RC_BASE_VERSION_H

#define RC_VERSION "0.1.0"

#endif
