using Azure.Storage.Blobs;
using GenAI.Chats.Storage;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Silo.Storage;

/// <summary>Checks at start that Azure's SDK can read the connection string of the storage account.</summary>
internal sealed class AzureAccountValidator : IValidateOptions<StorageOptions>
{
    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, StorageOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.ConnectionString))
        {
            // That one is needed is the other validator's to say.
            return ValidateOptionsResult.Skip;
        }

        try
        {
            _ = new BlobServiceClient(options.ConnectionString);
            return ValidateOptionsResult.Success;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or InvalidOperationException)
        {
            // The value is a secret, and so may be what the SDK says of it.
            return ValidateOptionsResult.Fail(
                $"{StorageOptions.Section}:{nameof(options.ConnectionString)} (not shown) must be that of an Azure storage account, such as "
                + "DefaultEndpointsProtocol=https;AccountName=chats;AccountKey=secret;EndpointSuffix=core.windows.net, with a key in Base64.");
        }
    }
}
