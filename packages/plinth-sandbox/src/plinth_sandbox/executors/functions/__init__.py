"""The program that runs one instance of a Lambda function, with the runtime interface client of AWS."""
