"""The emulated services, one folder each: what the sandbox adds to moto.

``patches`` correct what moto answers, ``executor`` runs what was provisioned, ``checks`` refuse what AWS refuses
because of something else, and ``permissions`` say what a request needs. ``table`` names the modules of each service.
What services share is in the folders of the layers, and the references of requests are one table there.
"""
