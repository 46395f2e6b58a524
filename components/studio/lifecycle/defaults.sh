# The SageMaker SDK reads its defaults here: jobs run in the network and encrypted without a word in the notebook.
mkdir -p "$HOME/.config/sagemaker"
cat >"$HOME/.config/sagemaker/config.yaml" <<END
SchemaVersion: "1.0"
SageMaker:
  PythonSDK:
    Modules:
      TelemetryOptOut: true
      Session:
        DefaultS3Bucket: $WORK_BUCKET
        DefaultS3ObjectKeyPrefix: users/$PERSON
  Model:
    VpcConfig: &network
      Subnets: [$SUBNETS]
      SecurityGroupIds: [$SECURITY_GROUP]
  ProcessingJob:
    NetworkConfig:
      VpcConfig: *network
    ProcessingOutputConfig:
      KmsKeyId: $KEY
    ProcessingResources:
      ClusterConfig:
        VolumeKmsKeyId: $KEY
  TrainingJob:
    VpcConfig: *network
    OutputDataConfig:
      KmsKeyId: $KEY
    ResourceConfig:
      VolumeKmsKeyId: $KEY
END
