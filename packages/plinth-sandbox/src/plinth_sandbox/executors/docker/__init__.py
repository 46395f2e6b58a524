"""The program ``docker`` of builds. It builds no containers: Python environments stand in for images."""
