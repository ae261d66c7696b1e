"""Words inside a picture's file: XMP, EXIF and IIM. Bytes in, bytes out, and not one pixel touched."""
