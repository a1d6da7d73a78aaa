/** What the gateway writes into the page; see `gateway/http/client_reports.py`. */
export interface ReportsConfig extends Origin {
  sentry?: SentryConfig;
  traces?: TracesConfig;
}

/** What reports and traces say of where they come from. */
export interface Origin {
  release: string;
  environment: string;
}

export interface SentryConfig {
  dsn: string;
  /** The share of errors that is reported. */
  sample_rate: number;
}

export interface TracesConfig {
  /** Where spans are sent by OTLP over HTTP. */
  url: string;
  /** The share of questions that is traced, as gateways and workers do it. */
  rate: number;
  /** The share of visitors whose browsers take part. */
  share: number;
}
