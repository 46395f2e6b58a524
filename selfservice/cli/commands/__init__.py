"""One module per command. It declares the options and calls the code that does the work.

``cli/command.py`` lists the commands; a module is imported only when its command runs or its help is shown.
"""
