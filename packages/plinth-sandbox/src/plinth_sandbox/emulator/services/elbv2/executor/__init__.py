"""The controller of EKS Auto Mode that creates load balancers for Services, and what serves their clients."""
