using System.Buffers;
using GenAI.Chats.Models.Routing;

namespace GenAI.Chats.Models.Gemini;

/// <summary>
/// One of Google's two APIs: model URLs and credentials. The Gemini Developer API has API keys. Vertex AI has the models of publishers in a project
/// and location, with the server's Google credentials, or with an API key and without project and location ("express mode").
/// </summary>
/// <param name="target">The settings, as <see cref="GeminiEnvironment"/> completed them.</param>
/// <param name="credentials">The server's credentials, for Vertex AI. If null, it is the Developer API.</param>
internal sealed class GeminiApi(ModelTarget target, GoogleCredentials? credentials)
{
    private const string Global = "global";

    // Characters that would leave the model's segment of the path.
    private static readonly SearchValues<char> Forbidden = SearchValues.Create("?&#%\\ \t\r\n");

    private readonly string _location = target.Location ?? Global;

    /// <summary>Gets the maximum duration of a call.</summary>
    public TimeSpan TimeLimit => target.TimeLimit;

    /// <summary>Gets whether it is Vertex AI, not the Developer API.</summary>
    public bool IsVertex => credentials is not null;

    /// <summary>Gets the URL of the API.</summary>
    public string BaseUrl => target.BaseUrl?.AbsoluteUri ?? (IsVertex, _location) switch
    {
        (false, _) => "https://generativelanguage.googleapis.com",
        (true, Global) => "https://aiplatform.googleapis.com",
        (true, _) when HasKey => "https://aiplatform.googleapis.com",
        (true, "us" or "eu") => $"https://aiplatform.{_location}.rep.googleapis.com",
        _ => $"https://{_location}-aiplatform.googleapis.com",
    };

    private bool HasKey => !string.IsNullOrEmpty(target.Key);

    /// <summary>Returns the URL and credentials for a model.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT: the name is invalid. FAILED_PRECONDITION: the credentials are missing or were rejected.
    /// UNAVAILABLE: the token server can't be reached.</exception>
    public async ValueTask<GeminiAccess> AccessAsync(string model, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(model) || model.Contains("..", StringComparison.Ordinal) || model.AsSpan().ContainsAny(Forbidden))
        {
            throw new ModelException(
                ModelErrorReasons.InvalidRequest,
                $"Model name '{model}' is invalid: it must not be empty or contain '..', '?', '&', '#', '%', '\\', or white space.");
        }

        var url = $"{BaseUrl.TrimEnd('/')}/{target.ApiVersion ?? (IsVertex ? "v1beta1" : "v1")}/";
        var path = IsVertex ? VertexPathOf(model) : IsIn(model, "models/") || IsIn(model, "tunedModels/") ? model : $"models/{model}";
        if (HasKey)
        {
            return new GeminiAccess(url + path, [new("x-goog-api-key", target.Key!)], target.Key!);
        }

        if (credentials is null)
        {
            throw Missing($"No API key is configured for model '{model}'. Set GEMINI_API_KEY on the server, or Key on the model route.");
        }

        var token = await credentials.GetTokenAsync(cancellationToken).ConfigureAwait(false);
        var project = target.Project ?? token.Project ?? throw Missing(
            $"No project is configured for model '{model}'. Set GOOGLE_CLOUD_PROJECT on the server, or Project or Key on the model route.");
        var parent = $"projects/{project}/locations/{_location}/";
        return new GeminiAccess(
            url + (IsIn(model, "projects/") ? "" : parent) + path,
            [new("Authorization", $"Bearer {token.Value}"), .. token.Headers],
            token.Value,
            parent);
    }

    private static string VertexPathOf(string model) =>
        IsIn(model, "projects/") || IsIn(model, "publishers/") || IsIn(model, "models/") ? model
        : model.Split('/', 2) is [var publisher, var id] ? $"publishers/{publisher}/models/{id}"
        : $"publishers/google/models/{model}";

    private static bool IsIn(string model, string collection) => model.StartsWith(collection, StringComparison.Ordinal);

    private static ModelException Missing(string message) => new(ModelErrorReasons.Credentials, message);
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
