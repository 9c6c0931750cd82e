using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace GenAI.Chats.TestKit.ScriptedGemini;

/// <summary>The credentials file of a service account that exists for one test.</summary>
public sealed class ServiceAccount : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"service-account-{Guid.NewGuid():N}.json");

    /// <summary>Writes the file, with a key of its own.</summary>
    /// <param name="tokenUrl">Where its tokens come from.</param>
    /// <param name="project">Its project; null: it names none.</param>
    /// <param name="quotaProject">The project that pays; null: it names none.</param>
    public ServiceAccount(Uri tokenUrl, string? project = "account-project", string? quotaProject = null)
    {
        using var key = RSA.Create(2048);
        PrivateKey = key.ExportPkcs8PrivateKeyPem();
        var credentials = new JsonObject
        {
            ["type"] = "service_account",
            ["private_key_id"] = "key-1",
            ["private_key"] = PrivateKey,
            ["client_email"] = "chats@example.com",
            ["client_id"] = "1",
            ["token_uri"] = tokenUrl.ToString(),
        };
        if (project is not null)
        {
            credentials["project_id"] = project;
        }

        if (quotaProject is not null)
        {
            credentials["quota_project_id"] = quotaProject;
        }

        System.IO.File.WriteAllText(_file, credentials.ToJsonString());
    }

    /// <summary>The file's path, as GOOGLE_APPLICATION_CREDENTIALS takes it.</summary>
    public string File => _file;

    /// <summary>The key, in PEM.</summary>
    public string PrivateKey { get; }

    /// <summary>A token server's answer.</summary>
    public static ScriptedReply Token(string token, int expiresInSeconds = 3600) => ScriptedReply.Json(
        new JsonObject { ["access_token"] = token, ["token_type"] = "Bearer", ["expires_in"] = expiresInSeconds }.ToJsonString());

    /// <inheritdoc/>
    public void Dispose() => System.IO.File.Delete(_file);
}
