using GenAI.Chats.Models.Http;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Auth.OAuth2.Responses;
using Microsoft.Extensions.Configuration;

namespace GenAI.Chats.Models.Gemini;

/// <summary>
/// The server's Application Default Credentials: the file in GOOGLE_APPLICATION_CREDENTIALS, the file of <c>gcloud auth application-default login</c>,
/// or the machine's credentials in the cloud. They are loaded on first use. Tokens are cached until they are about to expire.
/// </summary>
internal sealed class GoogleCredentials(IConfiguration configuration)
{
    private const string Scope = "https://www.googleapis.com/auth/cloud-platform";

    private readonly Lock _lock = new();
    private Task<GoogleCredential>? _credential;

    /// <summary>Returns a valid token.</summary>
    /// <exception cref="ModelException">There are no credentials, they were rejected, or the token server can't be reached.</exception>
    public async ValueTask<GoogleToken> GetTokenAsync(CancellationToken cancellationToken)
    {
        try
        {
            var credential = await LoadAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            var token = await ((ITokenAccessWithHeaders)credential)
                .GetAccessTokenWithHeadersForRequestAsync(null, cancellationToken).ConfigureAwait(false);
            return new GoogleToken(
                token.AccessToken,
                (credential.UnderlyingCredential as ServiceAccountCredential)?.ProjectId,
                [.. token.Headers.Select(header => KeyValuePair.Create(header.Key, string.Join(',', header.Value)))]);
        }
        catch (TokenResponseException refused)
        {
            // The server's message can repeat the request, so only its error code is used.
            throw (int?)refused.StatusCode >= 500 ? Unreachable(null) : Refused(refused.Error?.Error);
        }
        catch (HttpRequestException exception)
        {
            throw Unreachable(exception);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new ModelException(
                ModelErrorReasons.Credentials,
                "Couldn't load Google Application Default Credentials: set GOOGLE_APPLICATION_CREDENTIALS to a credentials file, or Key on the model route.",
                // A parser's message can repeat the file.
                exception as IOException);
        }
    }

    private Task<GoogleCredential> LoadAsync()
    {
        lock (_lock)
        {
            // Failures aren't cached: the file might exist the next time.
            return _credential is { IsFaulted: false, IsCanceled: false } known ? known : _credential = ReadAsync();
        }
    }

    // Shared by the calls that wait for it, so none of them can cancel it.
    private async Task<GoogleCredential> ReadAsync()
    {
        var file = configuration["GOOGLE_APPLICATION_CREDENTIALS"];
#pragma warning disable CS0618 // Obsolete because of files from untrusted sources. This file is the operator's.
        var credential = string.IsNullOrWhiteSpace(file)
            ? await GoogleCredential.GetApplicationDefaultAsync(CancellationToken.None).ConfigureAwait(false)
            : await GoogleCredential.FromFileAsync(file.Trim(), CancellationToken.None).ConfigureAwait(false);
#pragma warning restore CS0618
        return credential.IsCreateScopedRequired ? credential.CreateScoped(Scope) : credential;
    }

    private static ModelException Refused(string? error) => new(
        ModelErrorReasons.Credentials,
        error is { Length: > 0 and <= 100 } && error.All(character => char.IsAsciiLetterLower(character) || character == '_')
            ? $"Google rejected the server's credentials: {error}."
            : "Google rejected the server's credentials.");

    /// <summary>Creates the failure for a token server that can't be reached.</summary>
    public static ModelException Unreachable(Exception? cause) =>
        ConnectionFailure.Unavailable("Couldn't obtain an access token for the server's Google credentials", cause);
}

/// <summary>An access token.</summary>
/// <param name="Value">The token, which is secret.</param>
/// <param name="Project">The project of the credentials, if known.</param>
/// <param name="Headers">Further headers, such as the billing project.</param>
internal sealed record GoogleToken(string Value, string? Project, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    /// <summary>Describes the token without its value.</summary>
    public override string ToString() => $"Token of project {Project}";
}
