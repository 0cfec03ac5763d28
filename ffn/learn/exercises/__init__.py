"""The exercises, a file each: ``cCHAPTER_TOPIC/eNUMBER_NAME.py`` holds exercise CHAPTER.NUMBER."""
