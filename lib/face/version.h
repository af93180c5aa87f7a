/* The version of all tools; the Makefile reads it from here. */
#ifndef RC_FACE_VERSION_H
#define RC_FACE_VERSION_H

#define RC_VERSION "0.1.0"

#endif
