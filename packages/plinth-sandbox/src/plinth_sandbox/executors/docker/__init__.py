"""The program ``docker`` of builds, which builds images over Python environments of this machine."""
