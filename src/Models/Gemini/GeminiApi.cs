using System.Buffers;
using Google.Rpc;

namespace GenAI.Chats.Models.Gemini;

/// <summary>The differences between Google's two APIs: model URLs and credentials.</summary>
/// <param name="options">The settings.</param>
internal abstract class GeminiApi(GeminiOptions options)
{
    // Characters that would leave the model's segment of the path.
    private static readonly SearchValues<char> Forbidden = SearchValues.Create("?&#%\\ \t\r\n");

    /// <summary>Gets the settings.</summary>
    public GeminiOptions Options { get; } = options;

    /// <summary>Gets whether it is Vertex AI, not the Developer API.</summary>
    public abstract bool IsVertex { get; }

    /// <summary>Gets the URL of the API.</summary>
    public abstract string BaseUrl { get; }

    /// <summary>Returns the URL and credentials for a model.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT: the name is invalid. FAILED_PRECONDITION: the credentials are missing or were rejected.
    /// UNAVAILABLE: the token server can't be reached.</exception>
    public async ValueTask<GeminiAccess> AccessAsync(string model, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(model) || model.Contains("..", StringComparison.Ordinal) || model.AsSpan().ContainsAny(Forbidden))
        {
            throw new ModelException(
                Code.InvalidArgument,
                ModelErrorReasons.InvalidRequest,
                $"Model name '{model}' is invalid: it must not be empty or contain '..', '?', '&', '#', '%', '\\', or white space.");
        }

        return await AccessNamedAsync(model, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns the URL and credentials for a model with a valid name.</summary>
    protected abstract ValueTask<GeminiAccess> AccessNamedAsync(string model, CancellationToken cancellationToken);

    /// <summary>Returns whether the name starts with a collection.</summary>
    protected static bool IsIn(string model, string collection) => model.StartsWith(collection, StringComparison.Ordinal);
}

/// <summary>The URL and credentials for a call.</summary>
/// <param name="ModelUrl">The model's URL, without the method.</param>
/// <param name="Headers">The headers with the credentials.</param>
/// <param name="Secret">The secret in the headers.</param>
/// <param name="Parent">The prefix for names of other resources: <c>projects/p/locations/l/</c>, or empty.</param>
internal sealed record GeminiAccess(
    string ModelUrl, IReadOnlyList<KeyValuePair<string, string>> Headers, string Secret, string Parent = "")
{
    /// <summary>Describes the access without secrets.</summary>
    public override string ToString() => ModelUrl;
}
