using System.Buffers;
using Google.Rpc;

namespace GenAI.Chats.Models.Gemini;

/// <summary>What of a call depends on which of Google's two APIs serves it: where a model is, and what lets a call in.</summary>
/// <param name="options">The API's settings.</param>
internal abstract class GeminiApi(GeminiOptions options)
{
    // What would leave the path, or the model's own segment of it.
    private static readonly SearchValues<char> Forbidden = SearchValues.Create("?&#%\\ \t\r\n");

    /// <summary>The API's settings.</summary>
    public GeminiOptions Options { get; } = options;

    /// <summary>Whether it is Vertex AI, rather than the Developer API.</summary>
    public abstract bool IsVertex { get; }

    /// <summary>The API's address.</summary>
    public abstract string BaseUrl { get; }

    /// <summary>What it takes to call a model.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT: no model can have the name. FAILED_PRECONDITION: the credentials are missing or
    /// were refused. UNAVAILABLE: who gives them cannot be reached.</exception>
    public async ValueTask<GeminiAccess> AccessAsync(string model, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(model) || model.Contains("..", StringComparison.Ordinal) || model.AsSpan().ContainsAny(Forbidden))
        {
            throw new ModelException(
                Code.InvalidArgument,
                ModelErrorReasons.InvalidRequest,
                $"The model name '{model}' is empty, or has '..', '?', '&', '#', '%', '\\' or a space in it.");
        }

        return await AccessNamedAsync(model, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What it takes to call a model whose name is fit for a path.</summary>
    protected abstract ValueTask<GeminiAccess> AccessNamedAsync(string model, CancellationToken cancellationToken);

    /// <summary>Whether the name has its collection with it.</summary>
    protected static bool IsIn(string model, string collection) => model.StartsWith(collection, StringComparison.Ordinal);
}

/// <summary>What it takes to call a model, once.</summary>
/// <param name="ModelUrl">The model's address; the method's name follows it.</param>
/// <param name="Headers">What lets the call in.</param>
/// <param name="Secret">What of the headers must not be shown.</param>
/// <param name="Parent">What names of other resources start with: <c>projects/p/locations/l/</c>, or nothing.</param>
internal sealed record GeminiAccess(
    string ModelUrl, IReadOnlyList<KeyValuePair<string, string>> Headers, string Secret, string Parent = "")
{
    /// <summary>Without what is secret.</summary>
    public override string ToString() => ModelUrl;
}
